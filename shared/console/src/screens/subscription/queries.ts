import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys, pricingQuery, subscriptionQuery } from "../../api/queries.ts";

/** The changes at the renewal. */
export const scheduleQuery = queryOptions({
  queryKey: [...keys.subscription, "schedule"],
  queryFn: ({ signal }) => api.GET("/account/subscription/schedule", { signal }),
});

/**
 * The present state of the account, with the prices for the rest of its cycle,
 * for a review.
 */
export const reviewQuery = queryOptions({
  queryKey: [...keys.subscription, "review"],
  queryFn: async ({ signal }) => {
    const [view, schedule, prorated, rows] = await Promise.all([
      api.GET("/account/subscription", { signal }),
      api.GET("/account/subscription/schedule", { signal }),
      api.GET("/pricing/prorated", { signal }),
      api.GET("/account/allocation", { signal }),
    ]);
    return { view, schedule, prorated, rows };
  },
  staleTime: 0,
  gcTime: 0,
});

const page = 50;

/** The charges of the account, newest first, page by page. */
export const paymentsQuery = infiniteQueryOptions({
  queryKey: [...keys.account, "payments"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) =>
    api.page("/account/payment_history", {
      params: { query: { amount: page, ...(pageParam && { nextToken: pageParam }) } },
      signal,
    }),
  getNextPageParam: ({ next }) => next,
});

/** The billing address. */
export const addressQuery = queryOptions({
  queryKey: [...keys.account, "billing"],
  queryFn: ({ signal }) => api.GET("/account/billing", { signal }),
});

export { pricingQuery, subscriptionQuery };
