import ChevronRight from "lucide-react/icons/chevron-right";
import Link2 from "lucide-react/icons/link-2";
import { useState } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { Button } from "../../kit/Button.tsx";
import { Facts } from "../../kit/Page.tsx";
import { Table } from "../../kit/Table.tsx";
import { toast, toastError } from "../../kit/Toasts.tsx";
import { CopyId, copyText, Time } from "../../kit/Values.tsx";
import { useFormat } from "../../lib/format.ts";
import { audit as texts } from "../../messages/en/audit.ts";
import styles from "./Audit.module.css";
import { type Entry, type Log, placeOf } from "./queries.ts";
import type { AuditSearch } from "./search.ts";
import { kindName, whoName } from "./words.ts";

type Props = {
  log: Log;
  entries: readonly Entry[];
  people: ReadonlyMap<string, string>;
  own: boolean;
  /** All of them show their details from the beginning. */
  open?: boolean;
  /** The plan has filters. */
  filters: boolean;
  narrow: (change: Partial<AuditSearch>) => void;
};

/** Entries of an audit log. Each can show its changes. */
export function Entries({ log, entries, people, own, open = false, filters, narrow }: Props) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(open ? entries.map(({ id }) => id) : []));
  const { zone } = useFormat();
  function toggle(id: string) {
    const now = new Set(opened);
    if (!now.delete(id)) now.add(id);
    setOpened(now);
  }
  return (
    <Table
      label={texts.log}
      rows={entries}
      rowKey={({ id }) => id}
      columns={[
        {
          id: "what",
          name: texts.happened,
          primary: true,
          cell: ({ id, message }) => (
            <Plain
              className={styles.toggle}
              aria-expanded={opened.has(id)}
              aria-label={(opened.has(id) ? texts.close : texts.open)(message)}
              onPress={() => toggle(id)}
            >
              <ChevronRight size="1rem" aria-hidden />
              {message}
            </Plain>
          ),
        },
        {
          id: "time",
          name: texts.time(zone.replaceAll("_", " ")),
          cell: ({ date }) => (
            <span className={styles.time}>
              <Time at={date} as="second" />
            </span>
          ),
        },
        { id: "who", name: texts.by, cell: ({ who }) => whoName(who, people) },
        { id: "about", name: texts.resource, cell: ({ resourceName }) => kindName(resourceName) },
        {
          id: "token",
          name: texts.token,
          cell: ({ token }) => (token ? <code className={styles.code}>{token}</code> : null),
        },
        own && {
          id: "address",
          name: texts.address,
          cell: ({ source }) => (source ? <code className={styles.code}>{source}</code> : null),
        },
      ]}
      detail={(entry) =>
        opened.has(entry.id) && (
          <Detail log={log} entry={entry} own={own} alone={open} filters={filters} narrow={narrow} />
        )
      }
    />
  );
}

type DetailProps = {
  log: Log;
  entry: Entry;
  own: boolean;
  alone: boolean;
  filters: boolean;
  narrow: Props["narrow"];
};

function Detail({ log, entry, own, alone, filters, narrow }: DetailProps) {
  const { exact } = useFormat();
  const { id, date, who, resourceName, resourceID, changes, request } = entry;
  const base = log === "account" ? "/console/account/audit" : `/console/p/${log.profile}/audit`;
  async function copyLink() {
    const link = `${globalThis.location.origin}${base}?entry=${placeOf(entry)}`;
    if (await copyText(link, null)) toast(texts.linked);
    else toastError(new Error(texts.linkFailed));
  }
  const person = /^[0-9a-f]{24}$/.test(who);
  return (
    <div className={styles.detail}>
      {changes.length > 0 ? <Changes entry={entry} own={own} /> : <p className={styles.status}>{texts.noFields}</p>}
      <Facts
        pairs={[
          [texts.exact, exact(date)],
          [texts.resourceId, resourceID && <CopyId key="resource" label={texts.resourceId} value={resourceID} />],
          [texts.id, <CopyId key="id" label={texts.id} value={id} />],
          [texts.request, request && <CopyId key="request" label={texts.request} value={request} />],
        ]}
      />
      <div className={styles.links}>
        <Button small icon={Link2} onPress={copyLink}>
          {texts.link}
        </Button>
        {!alone && (
          <Button kind="quiet" small onPress={() => narrow({ entry: placeOf(entry) })}>
            {texts.permanent}
          </Button>
        )}
        {filters && resourceID && (
          <Button
            kind="quiet"
            small
            onPress={() => narrow({ what: `${resourceName}/${resourceID}`, entry: undefined })}
          >
            {texts.onlyThis(kindName(resourceName))}
          </Button>
        )}
        {filters && person && (
          <Button kind="quiet" small onPress={() => narrow({ who, entry: undefined })}>
            {texts.onlyWho}
          </Button>
        )}
      </div>
    </div>
  );
}

function Changes({ entry: { changes }, own }: { entry: Entry; own: boolean }) {
  const nothing = <span className={styles.none}>{texts.nothing}</span>;
  return (
    <dl className={styles.changes} aria-label={texts.fields}>
      {changes.map(({ field, before, after }) => (
        <div key={field} className={styles.change}>
          <dt>
            <code>{field}</code>
          </dt>
          {!own && before === "" && after === "" ? (
            <dd className={styles.none}>{texts.ownersAlone}</dd>
          ) : (
            <>
              <dd>
                <span className={styles.side}>{texts.before}</span>
                {before ? <del>{before}</del> : nothing}
              </dd>
              <dd>
                <span className={styles.side}>{texts.after}</span>
                {after ? <ins>{after}</ins> : nothing}
              </dd>
            </>
          )}
        </div>
      ))}
    </dl>
  );
}
