import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";

/** Whose webhooks these are: those of a profile, or of the account. */
export type Of = { profile: string } | "account";

type Rest =
  | ""
  | "/{webhook}"
  | "/{webhook}/rotate"
  | "/{webhook}/test"
  | "/{webhook}/delivery"
  | "/{webhook}/delivery/{delivery}/resend";

/**
 * routeOf returns a route of webhooks. The routes of the account take and
 * answer the same as those of a profile, so that the document describes them
 * once. The path of the account has no id.
 */
export const routeOf = <R extends Rest>(of: Of, rest: R) =>
  `${of === "account" ? "/account" : "/profile/{id}"}/webhook${rest}` as `/profile/{id}/webhook${R}`;

/** idOf returns the id that the path of a profile has. */
export const idOf = (of: Of): string => (of === "account" ? "" : of.profile);

/** webhookKey begins the keys of all queries about these webhooks. */
export const webhookKey = (of: Of) =>
  [...(of === "account" ? keys.account : keys.profile(of.profile)), "webhooks"] as const;

/** The webhooks of a profile, or of the account. */
export const webhooksQuery = (of: Of) =>
  queryOptions({
    queryKey: webhookKey(of),
    queryFn: ({ signal }) => api.GET(routeOf(of, ""), { params: { path: { id: idOf(of) } }, signal }),
  });

const page = 50;

/**
 * The deliveries to a webhook: those that wait first, then the newest. While
 * the page is open they are read again, as they change without this person.
 */
export const deliveriesQuery = (of: Of, webhook: string) =>
  infiniteQueryOptions({
    queryKey: [...webhookKey(of), webhook, "deliveries"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.page(routeOf(of, "/{webhook}/delivery"), {
        params: {
          path: { id: idOf(of), webhook },
          query: { amount: page, ...(pageParam && { nextToken: pageParam }) },
        },
        signal,
      }),
    getNextPageParam: ({ next }) => next,
    refetchInterval: 15_000,
  });
