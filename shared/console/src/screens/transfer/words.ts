import type { components } from "../../api/schema.d.ts";
import { type Format, listed } from "../../lib/format.ts";
import { desk, type Party, transfer as texts } from "../../messages/en/transfer.ts";

/** A transfer as one of its sides or the support desk sees it; its ticket, state and role are there for all that exist. */
export type View = components["schemas"]["TransferView"];

/** isOpen says whether a transfer can still complete. */
export function isOpen(view: View, now = Date.now()): boolean {
  return view.state === "requested" && new Date(view.expires_at ?? 0).getTime() > now;
}

/** isRevertible says whether a transfer that completed can be taken back. */
export function isRevertible(view: View, now = Date.now()): boolean {
  return view.state === "completed" && !!view.revert_until && new Date(view.revert_until).getTime() > now;
}

/** stateOf returns the state; one whose time is over is expired before the service has noticed. */
export function stateOf(view: View, now = Date.now()): NonNullable<View["state"]> {
  return view.state === "requested" && !isOpen(view, now) ? "expired" : (view.state ?? "requested");
}

/** whoIs names a party for the person that reads. */
export function whoIs(party: Party, role: View["role"]): string {
  return party === role && party !== "support" ? texts.you : texts.parties[party];
}

/** whoseTurn names those who owe the next step. */
export function whoseTurn({ turn, role }: Pick<View, "turn" | "role">): string {
  return turn.length > 0 ? listed(turn.map((party) => whoIs(party, role))) : texts.nobody;
}

/** capital begins a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** plain writes the times and the large numbers in a text of the service as the account reads them. */
export function plain(text: string, { moment, number }: Format): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => moment(instant))
    .replace(/(?<![\d:,.-])\d{5,}(?![\d:,.-]*\d)/g, (digits) => number(Number(digits)));
}

/** span writes minutes in the two largest units that they fill. */
export function span(minutes: number): string {
  const all: [number, "d" | "h" | "min"][] = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [Math.floor(minutes) % 60, "min"],
  ];
  const filled = all.filter(([count]) => count > 0).slice(0, 2);
  return desk.span(filled.length > 0 ? filled : [[0, "min"]]);
}
