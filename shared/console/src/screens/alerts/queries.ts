import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";

export const alertKey = (id: string) => [...keys.profile(id), "alerts"] as const;

/** The alerts of a profile. */
export const alertsQuery = (id: string) =>
  queryOptions({
    queryKey: alertKey(id),
    queryFn: ({ signal }) => api.GET("/profile/{id}/alert", { params: { path: { id } }, signal }),
  });
