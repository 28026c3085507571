import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Section } from "../../kit/Page.tsx";
import { Select } from "../../kit/Select.tsx";
import { Table } from "../../kit/Table.tsx";
import { toast, toastError } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { preferences as texts } from "../../messages/en/preferences.ts";
import styles from "./Preferences.module.css";

type View = components["schemas"]["AccountView"]["notifications"];
type Topic = keyof View;
type Mail = View[Topic]["mail"];
type Row = { topic: Topic; mail: Mail; console: boolean };

const mails = (topic: Topic) =>
  (Object.keys(texts.mails) as Mail[])
    .filter((id) => id !== "daily" || topic === "usage")
    .map((id) => ({ id, name: texts.mails[id] }));

// Each choice is a request of its own, so that one does not wait for another,
// and no field is disabled while it has the focus.
async function save(topic: Topic, change: Partial<View[Topic]>) {
  try {
    await api.PUT("/account", { body: { notifications: { [topic]: change } } });
    await reread(keys.account);
    toast(texts.saved);
  } catch (error) {
    toastError(error);
  }
}

/** Which mails and notifications the person gets. Each choice is saved at once. */
export function Preferences({ of }: { of: View }) {
  const rows = (Object.keys(texts.topics) as Topic[]).map((topic): Row => ({ topic, ...of[topic] }));
  const fixed = (topic: Topic) => topic === "security";
  return (
    <Section title={texts.title} lead={texts.lead}>
      <Table
        label={texts.title}
        rows={rows}
        rowKey={({ topic }) => topic}
        columns={[
          {
            id: "topic",
            name: texts.topic,
            primary: true,
            cell: ({ topic }) => (
              <span className={styles.names}>
                {texts.topics[topic].name} <span className={styles.about}>{texts.topics[topic].text}</span>
              </span>
            ),
          },
          {
            id: "mail",
            name: texts.mail,
            cell: ({ topic, mail }) => (
              <Select
                bare
                label={texts.mailAbout(texts.topics[topic].name)}
                choices={mails(topic)}
                value={mail}
                isDisabled={fixed(topic)}
                onChange={(mail) => void save(topic, { mail })}
              />
            ),
          },
          {
            id: "console",
            name: texts.console,
            cell: ({ topic, console }) => (
              <Checkbox
                aria-label={texts.shownAbout(texts.topics[topic].name)}
                isSelected={console}
                isDisabled={fixed(topic)}
                onChange={(console) => void save(topic, { console })}
              >
                {texts.shown}
              </Checkbox>
            ),
          },
        ]}
      />
    </Section>
  );
}
