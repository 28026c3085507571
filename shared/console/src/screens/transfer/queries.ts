import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";

/** One transfer, as a side of it sees it. */
export const transferQuery = (ticket: string) =>
  queryOptions({
    queryKey: [...keys.transfers, ticket],
    queryFn: ({ signal }) => api.GET("/transfer/{ticket}", { params: { path: { ticket } }, signal }),
  });
