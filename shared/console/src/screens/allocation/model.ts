import { parseAmount } from "../../lib/amount.ts";
import { levels, type Service, serviceIds } from "../../messages/en/services.ts";

export type Amounts = Record<Service, number>;
export type Row = { profile: string } & Amounts;

/** The text that a person typed, and the number that they saw before. */
export type Edit = { text: string; base: number };
export type Edits = Readonly<Record<string, Edit>>;

/**
 * The state of the account: its limits, and the allocation and the usage of
 * each profile.
 */
export type State = {
  limits: Amounts;
  rows: readonly Row[];
  used: Readonly<Record<string, Partial<Record<Service, number>>>>;
};

/**
 * stateOf combines the limits of the account with the allocations and the usage
 * of its profiles.
 */
export const stateOf = (
  rows: readonly Row[],
  limits: Readonly<Record<string, { limit: number }>>,
  profiles: readonly { id: string; used: State["used"][string] }[],
): State => ({
  rows,
  limits: Object.fromEntries(serviceIds.map((service) => [service, limits[service]?.limit ?? 0])) as Amounts,
  used: Object.fromEntries(profiles.map(({ id, used }) => [id, used])),
});

export const keyOf = (profile: string, service: Service): string => `${profile} ${service}`;

/** The amount of a service that a profile has now, and the typed one. */
export const hasOf = ({ rows }: State, profile: string, service: Service): number =>
  rows.find((row) => row.profile === profile)?.[service] ?? 0;

export function wantedOf(state: State, edits: Edits, profile: string, service: Service): number | undefined {
  const edit = edits[keyOf(profile, service)];
  return edit ? parseAmount(edit.text) : hasOf(state, profile, service);
}

/**
 * floorOf is the smallest amount of a service that a profile may have: its
 * usage in the cycle, or its stored amount.
 */
export const floorOf = ({ used }: State, profile: string, service: Service): number =>
  Math.ceil(used[profile]?.[service] ?? 0);

/**
 * leftOf is the amount of a service that no profile has. It is negative if the
 * profiles have more than the account. Text that is no number counts as 0.
 */
export function leftOf(state: State, edits: Edits, service: Service): number {
  const given = state.rows.reduce((all, { profile }) => all + (wantedOf(state, edits, profile, service) ?? 0), 0);
  return state.limits[service] - given;
}

export type Fault = "not_number" | "too_low" | "too_low_level" | "too_much";

/**
 * faultOf returns the error of a field. A profile may stay below its usage, but
 * not go further down.
 */
export function faultOf(state: State, edits: Edits, profile: string, service: Service): Fault | undefined {
  if (!edits[keyOf(profile, service)]) return undefined;
  const value = wantedOf(state, edits, profile, service);
  if (value === undefined) return "not_number";
  if (value > state.limits[service]) return "too_much";
  if (value < floorOf(state, profile, service) && value < hasOf(state, profile, service)) {
    return levels.includes(service) ? "too_low_level" : "too_low";
  }
  return undefined;
}

/**
 * typed records a text. A number that is back at its first value is no edit.
 */
export function typed(state: State, edits: Edits, profile: string, service: Service, text: string): Edits {
  const key = keyOf(profile, service);
  const has = hasOf(state, profile, service);
  const { [key]: before, ...others } = edits;
  const base = before?.base ?? has;
  if (parseAmount(text) === has && base === has) return others;
  return { ...others, [key]: { text, base } };
}

export type Change = { profile: string; service: Service; from: number; to: number };

/**
 * changesOf lists the edits that differ from the account, in the order of the
 * table.
 */
export function changesOf(state: State, edits: Edits): Change[] {
  return serviceIds.flatMap((service) =>
    state.rows.flatMap(({ profile }) => {
      const from = hasOf(state, profile, service);
      const to = wantedOf(state, edits, profile, service);
      return edits[keyOf(profile, service)] && to !== undefined && to !== from ? [{ profile, service, from, to }] : [];
    }),
  );
}

/**
 * staleOf lists the edits whose number another person has changed in the
 * meantime, to another one than the typed one.
 */
export function staleOf(
  state: State,
  edits: Edits,
): { profile: string; service: Service; base: number; now: number }[] {
  return serviceIds.flatMap((service) =>
    state.rows.flatMap(({ profile }) => {
      const edit = edits[keyOf(profile, service)];
      const now = hasOf(state, profile, service);
      return edit && edit.base !== now && parseAmount(edit.text) !== now
        ? [{ profile, service, base: edit.base, now }]
        : [];
    }),
  );
}

/**
 * evenly divides a service: the same amount for each profile, but not less than
 * its floor. The first profiles get one more of a remainder.
 */
export function evenly(state: State, service: Service): Record<string, number> {
  const profiles = state.rows.map(({ profile }) => profile);
  const floors = new Map(profiles.map((profile) => [profile, floorOf(state, profile, service)]));
  let open = [...profiles];
  let rest = state.limits[service];
  const given: Record<string, number> = {};
  // A profile that has used more than an even part keeps its usage; the others
  // divide the rest.
  for (;;) {
    const part = Math.floor(rest / Math.max(open.length, 1));
    const above = open.filter((profile) => (floors.get(profile) ?? 0) > part);
    for (const profile of above) {
      given[profile] = floors.get(profile) ?? 0;
      rest -= given[profile];
    }
    open = open.filter((profile) => !above.includes(profile));
    if (above.length === 0) break;
  }
  rest = Math.max(rest, 0);
  open.forEach((profile, number) => {
    given[profile] = Math.floor(rest / open.length) + (number < rest % open.length ? 1 : 0);
  });
  return given;
}

type Sent = { profile: string; seen: Partial<Amounts> } & Partial<Amounts>;

/**
 * bodyOf is the body of the request with the changes and with the numbers that
 * the person has seen.
 */
export function bodyOf(changes: readonly Change[]): Sent[] {
  const rows = new Map<string, Sent>();
  for (const { profile, service, from, to } of changes) {
    const row: Sent = rows.get(profile) ?? { profile, seen: {} };
    row[service] = to;
    row.seen[service] = from;
    rows.set(profile, row);
  }
  return [...rows.values()];
}
