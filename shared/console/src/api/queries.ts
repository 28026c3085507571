import { QueryClient, queryOptions } from "@tanstack/react-query";
import { hour } from "../lib/days.ts";
import { ApiError, ConnectionError } from "./errors.ts";
import { api } from "./index.ts";

/**
 * Reads are repeated if that may help. Data that is older than the stale time
 * is read again when a person returns to it.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, error) =>
        count < 2 && (error instanceof ConnectionError || (error instanceof ApiError && error.status >= 500)),
      retryDelay: (count) => 400 * 2 ** count,
    },
    mutations: { retry: false },
  },
});

/**
 * The keys of queries. Those about the account begin with "account", those
 * about a profile with "profile" and its id, so that a change can invalidate
 * all of them at once.
 */
export const keys = {
  account: ["account"] as const,
  profiles: ["account", "overview"] as const,
  allocation: ["account", "allocation"] as const,
  subscription: ["account", "subscription"] as const,
  transfers: ["account", "transfers"] as const,
  notifications: ["notifications"] as const,
  desk: ["desk"] as const,
  profile: (id: string) => ["profile", id] as const,
  summary: (id: string) => ["profile", id, "summary"] as const,
  team: (id: string) => ["profile", id, "team"] as const,
  tokens: (id: string) => ["profile", id, "tokens"] as const,
};

/** The account that is signed in, with all its fields. */
export const accountQuery = queryOptions({
  queryKey: [...keys.account, "self"],
  queryFn: async ({ signal }) => {
    const account = await api.GET("/account", { signal });
    if (!("email" in account)) throw new Error("The answer is not of a whole account.");
    return account;
  },
  staleTime: 60_000,
});

/**
 * The profiles that the account can open, own and shared ones: the limits and
 * usage of each, the permission of the account, its team and an open transfer;
 * and the limits of the plan. Every page that shows one of these reads it from
 * here.
 */
export const overviewQuery = queryOptions({
  queryKey: keys.profiles,
  queryFn: ({ signal }) => api.GET("/account/overview", { signal }),
  staleTime: 30_000,
});

/** The deleted profiles of the account that can be restored. */
export const deletedQuery = queryOptions({
  queryKey: [...keys.account, "deleted"],
  queryFn: ({ signal }) => api.GET("/profile/deleted", { params: { query: { amount: 100 } }, signal }),
});

/** The profiles of the overview alone. */
export const profilesQuery = queryOptions({ ...overviewQuery, select: ({ profiles }) => profiles });

/** The allocation of each own profile. */
export const allocationQuery = queryOptions({
  queryKey: keys.allocation,
  queryFn: ({ signal }) => api.GET("/account/allocation", { signal }),
});

/** The plan, the limits and the cycle of the account. */
export const subscriptionQuery = queryOptions({
  queryKey: keys.subscription,
  queryFn: ({ signal }) => api.GET("/account/subscription", { signal }),
});

/**
 * The prices of plans, tiers and add-ons, which change only with a new version
 * of the service.
 */
export const pricingQuery = queryOptions({
  queryKey: ["pricing"],
  queryFn: ({ signal }) => api.GET("/pricing", { signal }),
  staleTime: hour,
});

/** One profile. */
export const profileQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.profile(id), "self"],
    queryFn: ({ signal }) => api.GET("/profile/{id}", { params: { path: { id } }, signal }),
  });

/** The usage of a profile in this cycle. */
export const summaryQuery = (id: string) =>
  queryOptions({
    queryKey: keys.summary(id),
    queryFn: async ({ signal }) => {
      const summary = await api.GET("/profile/{id}/summary", { params: { path: { id } }, signal });
      if (!("limit" in summary)) throw new Error("The answer has no limits.");
      return summary;
    },
  });

/**
 * The members of a profile's team and the invitations to it. The owner also
 * gets the expired ones, which count nowhere.
 */
export const teamQuery = (id: string) =>
  queryOptions({
    queryKey: keys.team(id),
    queryFn: ({ signal }) =>
      api.GET("/profile/{id}/team", { params: { path: { id }, query: { expired: true } }, signal }),
  });

/** The newest notifications. */
export const notificationsQuery = queryOptions({
  queryKey: keys.notifications,
  queryFn: ({ signal }) => api.GET("/notification", { params: { query: { amount: 10 } }, signal }),
  staleTime: 30_000,
});
