import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";

export const webhookKey = (profile: string) => [...keys.profile(profile), "webhooks"] as const;

/** The webhooks of a profile. */
export const webhooksQuery = (profile: string) =>
  queryOptions({
    queryKey: webhookKey(profile),
    queryFn: ({ signal }) => api.GET("/profile/{id}/webhook", { params: { path: { id: profile } }, signal }),
  });

const page = 50;

/**
 * The deliveries to a webhook: those that wait first, then the newest. While
 * the page is open they are read again, as they change without this person.
 */
export const deliveriesQuery = (profile: string, webhook: string) =>
  infiniteQueryOptions({
    queryKey: [...webhookKey(profile), webhook, "deliveries"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.page("/profile/{id}/webhook/{webhook}/delivery", {
        params: {
          path: { id: profile, webhook },
          query: { amount: page, ...(pageParam && { nextToken: pageParam }) },
        },
        signal,
      }),
    getNextPageParam: ({ next }) => next,
    refetchInterval: 15_000,
  });
