import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/index.ts";
import type { Of } from "../../api/of.ts";
import { keys } from "../../api/queries.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useFormat } from "../../lib/format.ts";
import { backups as texts } from "../../messages/en/backups.ts";
import { addons, serviceName } from "../../messages/en/services.ts";
import styles from "./Backups.module.css";
import { ProveDialog } from "./ProveDialog.tsx";
import { type Backup, changesQuery, type Part, pathOf, type Restored, routeOf } from "./queries.ts";

const settings: Readonly<Record<string, string>> = texts.settings;

type Props = { of: Of; backup: Backup; onClose: () => void; onRestored: (restored: Restored) => void };

/** Shows what a restoration would change, and restores the parts that are chosen. */
export function Restore({ of, backup, onClose, onRestored }: Props) {
  const query = useQuery(changesQuery(of, backup.id));
  const { number } = useFormat();
  const shown = (part: Part, value: string) => (part === "allocation" && value ? number(Number(value)) : value);
  const [without, setWithout] = useState<readonly Part[]>([]);
  const found = query.data ? partsOf(query.data) : [];
  const chosen = found.filter((part) => !without.includes(part));
  return (
    <ProveDialog
      title={texts.restoreTitle(backup.profile_name)}
      action={of === "account" ? texts.restoreNew : texts.restore}
      onClose={onClose}
      onConfirm={async (proof) => {
        if (chosen.length === 0) throw new Error(texts.noPart);
        const restored = await api.POST(routeOf(of, "/{backup}/restore"), {
          params: { path: pathOf(of, backup.id) },
          body: { ...proof, parts: chosen },
        });
        await reread(keys.account, keys.profiles, ...(of === "account" ? [] : [keys.profile(of.profile)]));
        toast(texts.restored);
        if (of === "account" || restored.refused.length > 0 || restored.webhooks.length > 0) onRestored(restored);
      }}
    >
      <p>{of === "account" ? texts.restoreNewText : texts.restoreText}</p>
      <p>{texts.restoreNot}</p>
      <Loaded query={query} skeleton={<Bone height="8rem" />}>
        {(would) => (
          <>
            {found.length === 0 && <Notice>{texts.nothing}</Notice>}
            {found.map((part) => (
              <div key={part} className={styles.part}>
                <Checkbox
                  isSelected={chosen.includes(part)}
                  onChange={(yes) => setWithout(yes ? without.filter((one) => one !== part) : [...without, part])}
                  text={texts.partTexts[part]}
                >
                  {texts.parts[part]}
                </Checkbox>
                <ul>
                  {would.changes
                    .filter((change) => change.part === part)
                    .map(({ what, before, after }) => (
                      <li key={what}>{texts.changed(named(part, what), shown(part, before), shown(part, after))}</li>
                    ))}
                </ul>
              </div>
            ))}
            <Refused title={texts.refusedNow} rows={would.refused} />
          </>
        )}
      </Loaded>
    </ProveDialog>
  );
}

/** named returns how a thing of a part is called; nothing for one that has only an id. */
function named(part: Part, what: string): string {
  if (part === "settings") return settings[what] ?? what;
  if (part === "allocation") return serviceName(what);
  if (part === "addons") return addons[what as keyof typeof addons] ?? what;
  return part === "team" ? what : "";
}

/** partsOf returns the parts that change, in their order. */
const partsOf = ({ changes }: Restored): Part[] => [...new Set(changes.map(({ part }) => part))];

/** What does not come back, and why. */
export function Refused({ title, rows }: { title: string; rows: Restored["refused"] }) {
  if (rows.length === 0) return null;
  return (
    <Notice>
      {title}
      <ul>
        {rows.map(({ part, what, message }) => (
          <li key={part + what}>{texts.refusal(what || texts.parts[part], message)}</li>
        ))}
      </ul>
    </Notice>
  );
}
