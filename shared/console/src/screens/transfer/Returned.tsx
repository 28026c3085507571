import { Notice } from "../../kit/Notice.tsx";
import { Time } from "../../kit/Values.tsx";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { isOpen, type View, whoIs } from "./words.ts";

/**
 * Shows which side of an open transfer cannot be reached by mail, and what the
 * reader can do about it.
 */
export function Returned({ view }: { view: View }) {
  if (!isOpen(view)) return null;
  return view.returned.map(({ side, time, invalid }) => (
    <Notice key={side} kind="warn">
      <p>
        <strong>{texts.returnedTitle(whoIs(side, view))}</strong> (<Time at={time} />)
      </p>
      <p>{advice(side, invalid, view)}</p>
    </Notice>
  ));
}

function advice(side: string, invalid: boolean, { role }: View): string {
  const own = invalid ? texts.returnedInvalid : texts.returnedRefused;
  if (side === role) return own.source ?? "";
  return (role === "source" && own[side]) || texts.returnedOther;
}
