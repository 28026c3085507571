import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import type { Month } from "../../lib/days.ts";

export type Cost = components["schemas"]["CostView"];

/** The cost of the account in a month, and the forecast of its renewal. */
export const costQuery = (month: Month) =>
  queryOptions({
    queryKey: [...keys.account, "cost", month],
    queryFn: ({ signal }) => api.GET("/account/cost", { params: { query: { month } }, signal }) as Promise<Cost>,
  });

/** costFile returns the same as a file. */
export const costFile = (month: Month): Promise<Blob> =>
  api.file("/account/cost", { params: { query: { month, format: "csv" } } });

/** The part of a profile. */
export const profileCostQuery = (id: string, month: Month) =>
  queryOptions({
    queryKey: [...keys.profile(id), "cost", month],
    queryFn: ({ signal }) =>
      api.GET("/profile/{id}/cost", { params: { path: { id }, query: { month } }, signal }) as Promise<Cost>,
  });
