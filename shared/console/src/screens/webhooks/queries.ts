import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { idOf, keyOf, type Of, routesOf } from "../../api/of.ts";

type Rest =
  | ""
  | "/{webhook}"
  | "/{webhook}/rotate"
  | "/{webhook}/test"
  | "/{webhook}/delivery"
  | "/{webhook}/delivery/{delivery}/resend";

/** routeOf returns a route of webhooks. */
export const routeOf = routesOf<"webhook", Rest>("webhook");

/** webhookKey begins the keys of all queries about these webhooks. */
export const webhookKey = (of: Of) => keyOf(of, "webhooks");

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
