import type { QueryKey } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { queryClient } from "../api/queries.ts";
import { toast, toastError } from "./Toasts.tsx";

type Options = {
  /** The message after success. */
  done?: string;
  /** Undoes the action. */
  undo?: () => Promise<unknown>;
  /** The queries to read again, by the beginnings of their keys. */
  reread?: readonly QueryKey[];
};

/** reread invalidates all queries whose key begins with one of these. */
export async function reread(...keys: readonly QueryKey[]): Promise<void> {
  await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

/**
 * useAction runs the action of a button, one at a time, and shows a toast with
 * the result.
 */
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
