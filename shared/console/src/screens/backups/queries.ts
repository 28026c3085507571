import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { idOf, keyOf, type Of, routesOf } from "../../api/of.ts";
import type { components } from "../../api/schema.d.ts";

type Rest = "" | "/{backup}" | "/{backup}/download" | "/{backup}/restore";

/** routeOf returns a route of backups. */
export const routeOf = routesOf<"backup", Rest>("backup");

/** pathOf returns the values of a route to a backup. */
export const pathOf = (of: Of, backup: string) => ({ id: idOf(of), backup });

/** backupKey begins the keys of all queries about these backups. */
export const backupKey = (of: Of) => keyOf(of, "backups");

const page = 50;

/** The backups of a profile, or of the account, the newest first. */
export const backupsQuery = (of: Of) =>
  infiniteQueryOptions({
    queryKey: backupKey(of),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.page(routeOf(of, ""), {
        params: { path: pathOf(of, ""), query: { amount: page, ...(pageParam && { nextToken: pageParam }) } },
        signal,
      }),
    getNextPageParam: ({ next }) => next,
  });

/** What a restoration would change now. */
export const changesQuery = (of: Of, backup: string) =>
  queryOptions({
    queryKey: [...backupKey(of), backup, "changes"],
    queryFn: ({ signal }) =>
      api.POST(routeOf(of, "/{backup}/restore"), {
        params: { path: pathOf(of, backup) },
        body: { dry_run: true },
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
  });

export type Backup = components["schemas"]["BackupRow"];
export type Restored = components["schemas"]["RestoredView"];
export type Part = Restored["changes"][number]["part"];
