import type { components } from "../../api/schema.d.ts";
import type { Service } from "../../messages/en/services.ts";

/** An alert as it stands. */
export type Alert = components["schemas"]["AlertRow"];

/** A way in which an alert notifies the owner. */
export type Action = Alert["actions"][number];

/** What an alert stops. */
export type Stop = Alert["stop"];

/** What an alert watches: a service, or the cost of a cycle. */
export type About = Service | "cost";

/** How the threshold of an alert on a service is given. */
export type Kind = "percent" | "amount";

/** An alert as the form has it. A threshold of cost is in dollars. */
export type Draft = { about: About; kind: Kind; threshold: number | undefined; actions: Action[]; stop: Stop };

/** draftOf returns what the form shows of an alert, or of a new one. */
export function draftOf(alert?: Alert): Draft {
  if (!alert) return { about: "input", kind: "percent", threshold: undefined, actions: ["mail"], stop: "none" };
  const { service, percent, amount, cost, actions, stop } = alert;
  return {
    about: service ?? "cost",
    kind: amount === null ? "percent" : "amount",
    threshold: cost === null ? (percent ?? amount ?? undefined) : cost / 100,
    actions: [...actions],
    stop,
  };
}

/** bodyOf returns what is sent for a draft. A threshold that is as before is not. */
export function bodyOf(draft: Draft, before?: Draft) {
  const { about, kind, threshold, actions, stop } = draft;
  const same = before && before.about === about && before.kind === kind && before.threshold === threshold;
  const changed =
    same || threshold === undefined
      ? {}
      : about === "cost"
        ? { cost: Math.round(threshold * 100) }
        : { service: about, [kind]: threshold };
  return { ...changed, actions, stop };
}
