import { parseAmount } from "../../lib/amount.ts";
import { levels, type Service, serviceIds } from "../../messages/en/services.ts";

export type Amounts = Record<Service, number>;
export type Row = { profile: string } & Amounts;

/** What a person typed, and what they saw before they did. */
export type Edit = { text: string; base: number };
export type Edits = Readonly<Record<string, Edit>>;

/** The account as it is: limits, what each profile has, and what each has used. */
export type State = {
  limits: Amounts;
  rows: readonly Row[];
  used: Readonly<Record<string, Partial<Record<Service, number>>>>;
};

/** stateOf puts together what the account says of its limits, of what is given to profiles, and of what these have used. */
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

/** What a profile has of a service by the account, and by what was typed. */
export const hasOf = ({ rows }: State, profile: string, service: Service): number =>
  rows.find((row) => row.profile === profile)?.[service] ?? 0;

export function wantedOf(state: State, edits: Edits, profile: string, service: Service): number | undefined {
  const edit = edits[keyOf(profile, service)];
  return edit ? parseAmount(edit.text) : hasOf(state, profile, service);
}

/** floorOf is the least that a profile may have of a service: what it has used in the cycle, or stores. */
export const floorOf = ({ used }: State, profile: string, service: Service): number =>
  Math.ceil(used[profile]?.[service] ?? 0);

/** leftOf is what of a service is left to give; negative when more is given than there is. A text that is no number counts as nothing. */
export function leftOf(state: State, edits: Edits, service: Service): number {
  const given = state.rows.reduce((all, { profile }) => all + (wantedOf(state, edits, profile, service) ?? 0), 0);
  return state.limits[service] - given;
}

export type Fault = "not_number" | "too_low" | "too_low_level" | "too_much";

/** faultOf says what is wrong with a field. A profile may stay below what it holds, and not go further down. */
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

/** typed notes a text. What is as it was is no edit any more. */
export function typed(state: State, edits: Edits, profile: string, service: Service, text: string): Edits {
  const key = keyOf(profile, service);
  const has = hasOf(state, profile, service);
  const { [key]: before, ...others } = edits;
  const base = before?.base ?? has;
  if (parseAmount(text) === has && base === has) return others;
  return { ...others, [key]: { text, base } };
}

export type Change = { profile: string; service: Service; from: number; to: number };

/** changesOf lists what differs from the account, in the order of the table. */
export function changesOf(state: State, edits: Edits): Change[] {
  return serviceIds.flatMap((service) =>
    state.rows.flatMap(({ profile }) => {
      const from = hasOf(state, profile, service);
      const to = wantedOf(state, edits, profile, service);
      return edits[keyOf(profile, service)] && to !== undefined && to !== from ? [{ profile, service, from, to }] : [];
    }),
  );
}

/** staleOf lists the edits whose number was changed elsewhere since it was seen, to something else than what was typed. */
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

/** evenly divides a service: the same for each, but no less than it may have; what does not divide goes to the first ones, one each. */
export function evenly(state: State, service: Service): Record<string, number> {
  const profiles = state.rows.map(({ profile }) => profile);
  const floors = new Map(profiles.map((profile) => [profile, floorOf(state, profile, service)]));
  let open = [...profiles];
  let rest = state.limits[service];
  const given: Record<string, number> = {};
  // A profile that has used more than an even part keeps its usage; the others divide the rest.
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

/** bodyOf is the request that makes changes, and says what was seen before. */
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
