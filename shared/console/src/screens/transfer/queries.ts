import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { isOpen } from "./words.ts";

const page = 50;
const minute = 60_000;

/**
 * One transfer, as a side of it sees it. It is read again while it is open,
 * because the other sides act on it.
 */
export const transferQuery = (ticket: string) =>
  queryOptions({
    queryKey: [...keys.transfers, ticket],
    queryFn: ({ signal }) => api.GET("/transfer/{ticket}", { params: { path: { ticket } }, signal }),
    refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? minute : false),
  });

/**
 * The transfers of the account, page by page: first those that are offered to
 * it.
 */
export const transfersQuery = infiniteQueryOptions({
  queryKey: [...keys.transfers, "list"],
  queryFn: ({ signal, pageParam }) =>
    api.page("/transfer", {
      params: { query: { amount: page, ...(pageParam && { nextToken: pageParam }) } },
      signal,
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }) => next,
});

/**
 * The open transfer of an own profile, or the missing prerequisites for one.
 */
export const checkQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.profile(id), "transfer"],
    queryFn: ({ signal }) => api.GET("/profile/{id}/transfer", { params: { path: { id } }, signal }),
  });
