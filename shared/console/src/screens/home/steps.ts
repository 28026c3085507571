import type { components } from "../../api/schema.d.ts";
import { day } from "../../lib/days.ts";

type Overview = components["schemas"]["AccountOverviewView"];
type Account = components["schemas"]["AccountView"];

/**
 * Whether an account may be on its first day, without a request: it has at most
 * two profiles then.
 */
export function mayBeNew({ profiles }: Pick<Overview, "profiles">): boolean {
  const own = profiles.filter(({ role }) => role === "owner").length;
  return own > 0 && own <= 2;
}

/**
 * Whether the first steps are shown to an account: on its first day, until they
 * are hidden.
 */
export function isNew({ created_at, options }: Pick<Account, "created_at" | "options">, now: number): boolean {
  return now - new Date(created_at).getTime() < day && !options.user_view_welcome;
}

export type Step = { id: "token" | "invite" | "limits" | "factor"; done: boolean };

/**
 * stepsOf returns the first steps and whether each is done. Steps that the plan
 * does not admit are left out.
 */
export function stepsOf({ limits, profiles }: Overview, { otp }: Pick<Account, "otp">, tokens: number): Step[] {
  const own = profiles.filter(({ role }) => role === "owner");
  const steps: (Step | false)[] = [
    { id: "token", done: tokens > 0 },
    limits.members > 0 && {
      id: "invite",
      done: own.some(({ members, invitations }) => (members ?? 0) + (invitations ?? 0) > 0),
    },
    { id: "limits", done: own.some(({ used }) => Object.values(used).some((amount) => amount > 0)) },
    { id: "factor", done: otp.authenticator || otp.email },
  ];
  return steps.filter((step) => step !== false);
}
