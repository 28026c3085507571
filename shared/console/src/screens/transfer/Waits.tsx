import { Notice } from "../../kit/Notice.tsx";
import { listed, useFormat } from "../../lib/format.ts";
import { serviceName } from "../../messages/en/services.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { Fix } from "./Checks.tsx";
import { type Choices, freeOf, mostPeople, notChosen, shortOf, staying } from "./choices.ts";
import styles from "./Transfer.module.css";
import { plain, type View } from "./words.ts";

/**
 * The reasons for which an accepted profile would not move yet, shown before
 * the acceptance: what the account lacks with every choice, and in the summary
 * the choices for which it has no room.
 */
export function Waits({ view, choices }: { view: View; choices?: Choices }) {
  const format = useFormat();
  const { number } = format;
  const most = mostPeople(view);
  const people = choices ? staying(choices) : 0;
  const short = choices ? shortOf(choices.amounts, freeOf(view)) : [];
  const lacking = notChosen(view);
  const over = most !== undefined && people > most;
  if (lacking.length === 0 && short.length === 0 && !over) return null;
  return (
    <Notice kind="warn">
      <strong>{texts.choose.waitsTitle}</strong>
      <ul className={styles.waits}>
        {lacking.map((check) => (
          <li key={check.code}>
            {texts.checkOf(
              texts.checkNames[check.code],
              texts.neededNow(plain(check.expected, format), plain(check.actual, format)),
            )}{" "}
            <Fix check={check} role={view.role} />
          </li>
        ))}
        {over && <li>{texts.choose.teamOver(number(people), number(most))}</li>}
        {short.length > 0 && <li>{texts.choose.shortTitle(listed(short.map(serviceName)))}</li>}
      </ul>
      <p>{texts.choose.waitsText}</p>
    </Notice>
  );
}
