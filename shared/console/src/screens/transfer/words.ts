import type { components } from "../../api/schema.d.ts";
import { type Format, listed } from "../../lib/format.ts";
import { type Party, spanOf, transfer as texts } from "../../messages/en/transfer.ts";

/**
 * A transfer as one of its sides or support sees it. Every transfer has a
 * ticket, a state and a role.
 */
export type View = components["schemas"]["TransferView"];
export type Check = View["checks"][number];

/** isOpen returns whether a transfer can still complete. */
export function isOpen(view: Pick<View, "state" | "expires_at">, now = Date.now()): boolean {
  return view.state === "requested" && new Date(view.expires_at ?? 0).getTime() > now;
}

/** isRevertible returns whether a completed transfer can be taken back. */
export function isRevertible(view: View, now = Date.now()): boolean {
  return view.state === "completed" && !!view.revert_until && new Date(view.revert_until).getTime() > now;
}

/**
 * stateOf returns the state. A transfer whose time is over is expired even
 * before the service has recorded it.
 */
export function stateOf(view: Pick<View, "state" | "expires_at">, now = Date.now()): NonNullable<View["state"]> {
  return view.state === "requested" && !isOpen(view, now) ? "expired" : (view.state ?? "requested");
}

/**
 * stateText is a sentence that says how a transfer ended, or that nothing has
 * moved yet.
 */
export function stateText(view: View): string {
  return view.state === "completed" && view.reverts ? texts.returned : texts.stateText[stateOf(view)];
}

/**
 * whoIs names a party for the reader. The receiving side is named by its
 * address.
 */
export function whoIs(party: Party, { role, reverts, email }: Pick<View, "role" | "reverts" | "email">): string {
  if (party === role && party !== "support") return texts.you;
  if (party === "destination" && email && !reverts) return email;
  return (reverts ? texts.returnParties : texts.parties)[party];
}

/** whoseTurn names the sides that must act next. */
export function whoseTurn(view: Pick<View, "turn" | "role" | "reverts" | "email">): string {
  return view.turn.length > 0 ? listed(view.turn.map((party) => whoIs(party, view))) : texts.nobody;
}

/** nextStep is a sentence that says who must act next. */
export function nextStep(view: View): string {
  const { turn, role } = view;
  if (turn.length === 0) return heldUntil(view) ? texts.nextHeld : texts.nextNobody;
  if (!role || !turn.includes(role) || role === "support") return texts.next(whoseTurn(view));
  const others = turn.filter((party) => party !== role).map((party) => whoIs(party, view));
  return others.length > 0 ? texts.nextYouAlso(listed(others)) : texts.nextYou;
}

/**
 * heldUntil returns the end of the hold of a transfer, according to its check;
 * undefined without a hold.
 */
export function heldUntil(view: Pick<View, "checks">): string | undefined {
  const hold = view.checks.find(({ code, ok }) => code === "hold" && !ok);
  return hold && /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(hold.actual + hold.fix)?.[0];
}

/** agents returns the support accounts that have agreed. */
export function agents({ timeline }: Pick<View, "timeline">): string[] {
  return timeline.filter(({ event }) => event === "approved").map(({ who = "" }) => who);
}

export type StepState = keyof typeof texts.stepState;
export type Step = { id: keyof typeof texts.step; state: StepState; at?: string; who?: Party };

/** stepsOf returns the steps of a transfer, each with its known facts. */
export function stepsOf(view: View, now = Date.now()): Step[] {
  const { gates, turn, timeline, reverts } = view;
  const open = isOpen(view, now);
  const completed = view.state === "completed";
  const when = (...events: string[]) => timeline.findLast(({ event }) => events.includes(event))?.time;
  const step = (id: Step["id"], who: Party, passed: boolean | undefined, at: string | undefined): Step => {
    if (passed) return { id, state: "done", ...(at && { at }) };
    if (open) return { id, state: turn.includes(who) ? "now" : "todo", who };
    return { id, state: completed ? "skipped" : "stopped" };
  };
  const first: Step = { id: "request", state: "done", ...(view.created_at && { at: view.created_at }) };
  const last: Step = completed
    ? { id: "done", state: "done", ...(view.ended_at && { at: view.ended_at }) }
    : { id: "done", state: open ? "todo" : "stopped" };
  if (reverts) {
    return [
      first,
      step("giver", "source", gates?.source, when("confirmed")),
      step("taker", "destination", gates?.destination, when("accepted")),
      step("agents", "support", gates?.support, when("approved")),
      last,
    ];
  }
  const approved = when("approved");
  const support = step("support", "support", gates?.support, approved);
  return [
    first,
    step("confirm", "source", gates?.source, when("confirmed")),
    step("accept", "destination", gates?.destination, when("accepted")),
    // Where support does not approve transfers, its gate is open from the
    // beginning.
    gates?.support && !approved ? { id: "support", state: "skipped" } : support,
    last,
  ];
}

/**
 * missing returns the checks that do not hold. Those that this side can fulfil
 * come first.
 */
export function missing({ checks, role }: Pick<View, "checks" | "role">): Check[] {
  const rank = ({ side }: Check) => (side === role ? 0 : 1);
  return checks.filter(({ ok }) => !ok).sort((a, b) => rank(a) - rank(b));
}

/**
 * isBlocking returns whether a check keeps an owner from requesting a transfer.
 * A hold only delays the move.
 */
export function isBlocking({ ok, code }: Check): boolean {
  return !ok && code !== "hold";
}

/**
 * plain writes the times and the large numbers in a text of the service in the
 * formats of the account.
 */
export function plain(text: string, { moment, number }: Pick<Format, "moment" | "number">): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => moment(instant))
    .replace(/(?<![\d:,.-])\d{5,}(?![\d:,.-]*\d)/g, (digits) => number(Number(digits)));
}

/** span writes minutes in the two largest units that apply. */
export function span(minutes: number): string {
  const all: [number, "d" | "h" | "min"][] = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [Math.floor(minutes) % 60, "min"],
  ];
  const filled = all.filter(([count]) => count > 0).slice(0, 2);
  return spanOf(filled.length > 0 ? filled : [[0, "min"]]);
}
