import { keys, overviewQuery, queryClient } from "../api/queries.ts";

/**
 * joining accepts an invitation, and returns the profile that can be opened
 * since; undefined when there is none. An invitation does not say whose profile
 * it is for until it is accepted.
 */
export async function joining(accept: () => Promise<unknown>): Promise<string | undefined> {
  // The cached list may lack a profile that was joined earlier, which would
  // then count as the new one.
  const before = await queryClient.fetchQuery({ ...overviewQuery, staleTime: 0 });
  await accept();
  const [now] = await Promise.all([
    queryClient.fetchQuery({ ...overviewQuery, staleTime: 0 }),
    queryClient.invalidateQueries({ queryKey: keys.account, refetchType: "none" }),
    queryClient.invalidateQueries({ queryKey: keys.notifications }),
  ]);
  return now.profiles.find(({ id }) => !before.profiles.some((profile) => profile.id === id))?.id;
}
