import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";

/** Whose backups these are: those of a profile, or of the account. */
export type Of = { profile: string } | "account";

type Rest = "" | "/{backup}" | "/{backup}/download" | "/{backup}/restore";

/**
 * routeOf returns a route of backups. The routes of the account take and
 * answer the same as those of a profile, so that the document describes them
 * once. The path of the account has no id.
 */
export const routeOf = <R extends Rest>(of: Of, rest: R) =>
  `${of === "account" ? "/account" : "/profile/{id}"}/backup${rest}` as `/profile/{id}/backup${R}`;

/** pathOf returns the values of a route to a backup. */
export const pathOf = (of: Of, backup: string) => ({ id: of === "account" ? "" : of.profile, backup });

/** backupKey begins the keys of all queries about these backups. */
export const backupKey = (of: Of) =>
  [...(of === "account" ? keys.account : keys.profile(of.profile)), "backups"] as const;

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
