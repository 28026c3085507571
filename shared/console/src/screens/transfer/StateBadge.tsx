import { Badge, type Tone } from "../../kit/Badge.tsx";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { stateOf, type View } from "./words.ts";

const tones: Partial<Record<NonNullable<View["state"]>, Tone>> = {
  requested: "accent",
  completed: "good",
  failed: "bad",
  rejected: "warn",
};

/** The state of a transfer in a word. */
export function StateBadge({ view }: { view: Pick<View, "state" | "expires_at"> }) {
  const state = stateOf(view);
  return <Badge tone={tones[state] ?? "plain"}>{texts.states[state]}</Badge>;
}
