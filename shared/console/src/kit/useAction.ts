import type { QueryKey } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { queryClient } from "../api/queries.ts";
import { toast, toastError } from "./Toasts.tsx";

type Options = {
  /** Said when it is done. */
  done?: string;
  /** Takes it back. */
  undo?: () => Promise<unknown>;
  /** What has to be read again, by the beginnings of its keys. */
  reread?: readonly QueryKey[];
};

/** reread has everything read again whose key begins with one of these. */
export async function reread(...keys: readonly QueryKey[]): Promise<void> {
  await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

/** useAction runs what a button does: once at a time, with a toast about what came of it. */
export function useAction() {
  const [pending, setPending] = useState(false);
  const busy = useRef(false);
  async function act(work: () => Promise<unknown>, { done, undo, reread: keys = [] }: Options = {}): Promise<boolean> {
    if (busy.current) return false;
    busy.current = true;
    setPending(true);
    try {
      await work();
      await reread(...keys);
      if (done) {
        toast(
          done,
          undo &&
            (async () => {
              await undo();
              await reread(...keys);
            }),
        );
      }
      return true;
    } catch (error) {
      toastError(error);
      return false;
    } finally {
      busy.current = false;
      setPending(false);
    }
  }
  return { act, pending };
}
