import { Section } from "../../kit/Page.tsx";
import { Time } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { type Format, useFormat } from "../../lib/format.ts";
import { type Party, transfer as texts } from "../../messages/en/transfer.ts";
import styles from "./Transfer.module.css";
import { plain, type View, whoIs } from "./words.ts";

type Happening = View["timeline"][number];

const spoken: readonly Happening["event"][] = ["note", "question", "answer"];

/**
 * The events of a transfer, who caused them, and which mails were sent.
 * Messages between support and the owner are emphasized.
 */
export function Timeline({ view, title = texts.happened }: { view: View; title?: string }) {
  const lastQuestion = view.timeline.findLast(({ event }) => event === "question" || event === "answer");
  const asked = view.role === "source" && lastQuestion?.event === "question" && view.state === "requested";
  return (
    <Section title={title}>
      <ol className={styles.events}>
        {view.timeline.map((happening) => (
          <Line key={`${happening.time} ${happening.event}`} happening={happening} view={view} />
        ))}
      </ol>
      {asked && <p>{texts.answerByMail}</p>}
    </Section>
  );
}

/** The further details of an event besides its name. */
function wordsOf(event: Happening["event"], text: string | undefined, view: View, format: Format) {
  if (!text) return text;
  if (event === "returned") return texts.returnedFrom(whoIs(text as Party, view));
  return event === "extended" ? texts.extendedUntil(plain(text, format)) : plain(text, format);
}

function Line({ happening: { time, event, by, who, text }, view }: { happening: Happening; view: View }) {
  const format = useFormat();
  const name = by === "system" ? texts.events[event] : texts.by(texts.events[event], whoIs(by, view));
  const mailed = event === "requested" && view.reverts ? texts.mailed.takenBack : texts.mailed[event];
  const words = wordsOf(event, text, view, format);
  return (
    <li className={classes(styles.event, spoken.includes(event) && styles.spoken)}>
      <p className={styles.eventHead}>
        <span className={styles.checkName}>{who && view.role === "support" ? texts.agent(name, who) : name}</span>
        <span className={styles.quiet}>
          <Time at={time} />
        </span>
      </p>
      {words && event !== "requested" && <p className={styles.said}>{words}</p>}
      {mailed && <p className={styles.mailed}>{mailed}</p>}
    </li>
  );
}
