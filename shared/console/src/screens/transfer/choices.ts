import type { components } from "../../api/schema.d.ts";
import type { Permission } from "../../messages/en/permissions.ts";
import { addons, type Service, serviceIds } from "../../messages/en/services.ts";
import type { Check, View } from "./words.ts";

export type Addon = keyof typeof addons;
/** The permission of a person after the move of a profile. */
export type Right = "none" | Permission;

/** The choices of the receiving side. A person without a choice has null. */
export type Choices = {
  name: string;
  members: Record<string, Right | null>;
  owner: Right | null;
  amounts: Record<string, number>;
  addons: Record<string, boolean>;
};

type Body = Omit<components["schemas"]["AcceptanceBody"], "code" | "password" | "pin_code" | "otp_type">;

/**
 * teamOf returns the members whose membership must be decided: all but the
 * receiving one.
 */
export function teamOf({ offer }: View, self: string) {
  return offer?.team.filter(({ id }) => id !== self) ?? [];
}

/**
 * amountsOf returns the services of which the profile has something, in the
 * order of the services.
 */
export function amountsOf({ offer }: View): [Service, number][] {
  return serviceIds.flatMap((service): [Service, number][] => {
    const amount = offer?.allocation[service] ?? 0;
    return amount > 0 ? [[service, amount]] : [];
  });
}

/** addonsOf returns the add-ons that the profile has. */
export function addonsOf({ offer }: View): Addon[] {
  return (Object.keys(addons) as Addon[]).filter((addon) => offer?.addons[addon]);
}

/**
 * firstChoices returns the choices at the beginning: none, or those of the last
 * time.
 */
export function firstChoices(view: View, self: string): Choices {
  const { terms } = view;
  const before = (id: string): Right | null =>
    terms ? (terms.members.find((member) => member.id === id)?.permission ?? "none") : null;
  return {
    name: terms?.name ?? "",
    members: Object.fromEntries(teamOf(view, self).map(({ id }) => [id, before(id)])),
    owner: terms ? (terms.keep_owner ?? "none") : null,
    amounts: Object.fromEntries(
      amountsOf(view).map(([service, most]) => [service, Math.min(terms?.allocation[service] ?? most, most)]),
    ),
    addons: Object.fromEntries(addonsOf(view).map((addon) => [addon, terms?.addons[addon] ?? false])),
  };
}

const granted = (right: Right | null | undefined) => (right && right !== "none" ? right : null);

/** bodyOf returns the choices in the form of the API. */
export function bodyOf(choices: Choices, view: View, self: string): Body {
  return {
    name: choices.name.trim() || null,
    members: teamOf(view, self).flatMap(({ id }) => {
      const permission = granted(choices.members[id]);
      return permission ? [{ id, permission }] : [];
    }),
    keep_owner: granted(choices.owner),
    // A service that is left out keeps its limit, even if the owner raises it
    // meanwhile.
    allocation: Object.fromEntries(
      amountsOf(view).flatMap(([service, most]) => {
        const wanted = choices.amounts[service] ?? most;
        return wanted < most ? [[service, wanted]] : [];
      }),
    ),
    addons: { custom_dns: choices.addons["custom_dns"] ?? false, mobile: choices.addons["mobile"] ?? false },
  };
}

type Seen = Pick<View, "checks">;

const ofServices = ({ checks }: Seen, wanted: Check["code"], number: "count" | "limit"): Record<string, number> =>
  Object.fromEntries(
    checks.flatMap(({ code, service, room }) => (code === wanted && service && room ? [[service, room[number]]] : [])),
  );

/**
 * freeOf returns the headroom of the receiving account for each service,
 * according to the checks of the transfer.
 */
export const freeOf = (view: Seen) => ofServices(view, "destination-allocation", "limit");

/**
 * heldOf returns the stored amount of each level in the profile. The allocation
 * cannot be less.
 */
export const heldOf = (view: Seen) => ofServices(view, "destination-stored", "count");

/**
 * mostPeople returns the largest team that the plan of the receiving account
 * allows; undefined where the checks do not have it.
 */
export const mostPeople = ({ checks }: Seen): number | undefined =>
  checks.find(({ code }) => code === "destination-team")?.room?.limit;

/**
 * staying counts the people in the team after the move, the previous owner too.
 */
export const staying = ({ members, owner }: Pick<Choices, "members" | "owner">): number =>
  [...Object.values(members), owner].filter((right) => granted(right) !== null).length;

const chosen: readonly Check["code"][] = [
  "destination-allocation",
  "destination-stored",
  "destination-team",
  "destination-addons",
];

/**
 * notChosen returns the prerequisites that the receiving account itself lacks.
 * No choice of terms provides them.
 */
export const notChosen = ({ checks }: Seen): Check[] =>
  checks.filter(({ code, side, ok }) => !ok && side === "destination" && !chosen.includes(code));

/**
 * shortOf returns the services for which the choice exceeds the headroom of the
 * account.
 */
export function shortOf(amounts: Record<string, number>, free: Record<string, number>): string[] {
  return Object.keys(amounts).filter((service) => {
    const left = free[service];
    return left !== undefined && (amounts[service] ?? 0) > Math.max(left, 0);
  });
}

/** monthly returns the cost of the chosen add-ons in a month, in cents. */
export function monthly(taken: Record<string, boolean>, prices: readonly { name: string; price: number }[]): number {
  return prices.reduce((sum, { name, price }) => sum + (taken[name] ? price : 0), 0);
}
