import { queryOptions, useQuery } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys, teamQuery } from "../../api/queries.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { useProfile } from "../../shell/Profile.tsx";
import { readToken, type Token } from "./tokens.ts";

/** How many tokens a list reads at most. */
export const most = 1000;

/**
 * The tokens of a profile, the newest first. For a member they are the member's
 * own.
 */
const tokensQuery = (id: string) =>
  queryOptions({
    queryKey: keys.tokens(id),
    queryFn: async ({ signal }) =>
      (
        await api.GET("/profile/{id}/token", {
          params: { path: { id }, query: { amount: most, orderBy: "created_at,desc" } },
          signal,
        })
      ).map(readToken),
  });

/**
 * useTokens reads the tokens of the profile that is open. While a rotated token
 * still works, it reads them again each minute.
 */
export function useTokens() {
  const { id } = useProfile();
  return useQuery({
    ...tokensQuery(id),
    refetchInterval: ({ state }) => (state.data?.some(({ graceEnds }) => graceEnds !== undefined) ? 60_000 : false),
  });
}

/** useMakers returns the names of accounts that made tokens. */
export function useMakers(): (token: Token) => string {
  const { id, own } = useProfile();
  const { account } = useSession();
  const { data: team } = useQuery({ ...teamQuery(id), enabled: own });
  return ({ by }) =>
    by === account ? texts.you : (team?.find((member) => member.id === by)?.name ?? (team ? texts.someone : ""));
}
