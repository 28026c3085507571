const key = "recent-profiles";

// The three that are offered, and the one that is open.
const most = 4;

type Kept = { account: string; ids: string[] };

function read(account: string): string[] {
  try {
    const kept: Partial<Kept> | null = JSON.parse(localStorage.getItem(key) ?? "null");
    if (kept?.account !== account || !Array.isArray(kept.ids)) return [];
    return kept.ids.filter((id) => typeof id === "string");
  } catch {
    return [];
  }
}

/**
 * The ids of the profiles that an account had open last in this browser, the
 * last one first. Those of other accounts are not among them.
 */
export const recentProfiles = {
  get: read,
  visit: (account: string, id: string): void => {
    const ids = [id, ...read(account).filter((other) => other !== id)].slice(0, most);
    localStorage.setItem(key, JSON.stringify({ account, ids } satisfies Kept));
  },
  clear: (): void => localStorage.removeItem(key),
};

/**
 * recentOf returns the three of these profiles that were open last before the
 * one that is open now, where there are more than eight.
 */
export function recentOf<P extends { id: string }>(
  profiles: readonly P[],
  ids: readonly string[],
  open: string | undefined,
): P[] {
  if (profiles.length <= 8) return [];
  return ids
    .filter((id) => id !== open)
    .flatMap((id) => profiles.find((profile) => profile.id === id) ?? [])
    .slice(0, most - 1);
}
