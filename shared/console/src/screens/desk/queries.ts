import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { isOpen } from "../transfer/words.ts";

/** How many transfers the desk sees at once. */
export const deskAmount = 100;
const minute = 60_000;

/** The open transfers, the oldest first. */
export const deskQuery = queryOptions({
  queryKey: [...keys.desk, "list"],
  queryFn: ({ signal }) => api.GET("/desk/transfer", { params: { query: { amount: deskAmount } }, signal }),
  refetchInterval: minute,
});

/** One transfer, as the desk sees it. */
export const ticketQuery = (ticket: string) =>
  queryOptions({
    queryKey: [...keys.desk, ticket],
    queryFn: ({ signal }) => api.GET("/desk/transfer/{ticket}", { params: { path: { ticket } }, signal }),
    refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? minute : false),
  });
