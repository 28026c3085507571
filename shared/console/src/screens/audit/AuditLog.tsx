import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import ChevronDown from "lucide-react/icons/chevron-down";
import Download from "lucide-react/icons/download";
import RefreshCw from "lucide-react/icons/refresh-cw";
import { useContext, useMemo, useState } from "react";
import { ApiError } from "../../api/errors.ts";
import { isCode } from "../../api/faults.ts";
import { Button } from "../../kit/Button.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { Failure } from "../../kit/Notice.tsx";
import { Empty, ErrorState, Forbidden, Loaded, Skeleton } from "../../kit/States.tsx";
import { useAction } from "../../kit/useAction.ts";
import { download } from "../../lib/download.ts";
import { PreferencesContext, useFormat } from "../../lib/format.ts";
import { audit as texts } from "../../messages/en/audit.ts";
import styles from "./Audit.module.css";
import { Entries } from "./Entries.tsx";
import { Filters } from "./Filters.tsx";
import { type Format, filesOf, joined } from "./files.ts";
import { type Entry, entriesQuery, entryQuery, fileOf, type Log } from "./queries.ts";
import type { AuditSearch } from "./search.ts";
import { dayOf, isFiltered, spanOf, windowsOf } from "./span.ts";

type Props = {
  log: Log;
  search: AuditSearch;
  onSearch: (search: AuditSearch) => void;
  /** The names of accounts. */
  people: ReadonlyMap<string, string>;
  plan: string | undefined;
  own: boolean;
};

/**
 * The common parts of the screens of audit logs: the filters, the entries, and
 * their files.
 */
export function AuditLog(props: Props) {
  const preferences = useContext(PreferencesContext);
  const utc = props.search.zone === "utc";
  const shown = useMemo(() => (utc ? { ...preferences, timezone: "UTC" } : preferences), [preferences, utc]);
  return (
    <PreferencesContext value={shown}>
      {props.search.entry ? <One {...props} place={props.search.entry} /> : <Many {...props} own={props.own} />}
    </PreferencesContext>
  );
}

function Many({ log, search, onSearch, people, plan, own }: Props) {
  const { zone, moment, date } = useFormat();
  const [now, setNow] = useState(() => Date.now());
  const span = useMemo(() => spanOf(search, zone, now), [search, zone, now]);
  const query = useInfiniteQuery(entriesQuery(log, span, search));
  const entries = useMemo(() => query.data?.pages.flatMap(({ events }) => events), [query.data]);
  const since = query.data?.pages.at(-1)?.since ?? span.to;
  const next = query.data?.pages.at(-1)?.next;
  const until = next?.next ? span.from : (windowsOf(span)[next?.window ?? 0]?.from ?? span.from);
  const filtered = isFiltered(search);
  if (query.error instanceof ApiError && query.error.status === 403 && !isCode(query.error, "plan_lacks")) {
    return <Forbidden>{texts.whoMay}</Forbidden>;
  }
  const words = (from: number) => [moment(from), moment(span.to)] as const;
  return (
    <>
      <Filters
        search={search}
        onSearch={onSearch}
        people={people}
        plan={plan}
        own={own}
        seen={entries ?? []}
        actions={
          <>
            <IconButton icon={RefreshCw} label={texts.refresh} kind="secondary" onPress={() => setNow(Date.now())} />
            <Export log={log} search={search} zone={zone} now={now} />
          </>
        }
      />
      {entries === undefined ? (
        query.isError ? (
          isCode(query.error, "plan_lacks") ? (
            <>
              <Failure error={query.error} />
              <div>
                <Button onPress={() => onSearch({ from: search.from, to: search.to, zone: search.zone })}>
                  {texts.withoutFilters}
                </Button>
              </div>
            </>
          ) : (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          )
        ) : (
          <Skeleton lines={6} />
        )
      ) : (
        <>
          <p role="status" className={styles.status}>
            {texts.shown(entries.length, moment(since))}
          </p>
          {entries.length === 0 ? (
            <Empty title={texts.emptyTitle}>{(filtered ? texts.emptyFiltered : texts.empty)(...words(since))}</Empty>
          ) : (
            <Entries
              log={log}
              entries={entries}
              people={people}
              own={own}
              narrow={(change) => onSearch({ ...search, ...change })}
              filters={plan !== "free"}
            />
          )}
          {query.isFetchNextPageError && <Failure error={query.error} />}
          {query.hasNextPage ? (
            <div>
              <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
                {texts.older(date(until))}
              </Button>
            </div>
          ) : (
            entries.length > 0 && <p className={styles.status}>{texts.end}</p>
          )}
        </>
      )}
    </>
  );
}

function One({ log, search, onSearch, people, own, place, plan }: Props & { place: string }) {
  const { zone } = useFormat();
  const query = useQuery(entryQuery(log, place));
  const day = dayOf(Number(place.split("-")[0]), zone);
  return (
    <>
      <h2>{texts.entryTitle}</h2>
      <Loaded query={query}>
        {(entry: Entry | null) =>
          entry ? (
            <Entries
              log={log}
              entries={[entry]}
              people={people}
              own={own}
              open
              filters={plan !== "free"}
              narrow={(change) => onSearch({ zone: search.zone, ...change })}
            />
          ) : (
            <Empty title={texts.emptyTitle}>{texts.entryGone}</Empty>
          )
        }
      </Loaded>
      <div>
        <Button onPress={() => onSearch({ from: day, to: day, zone: search.zone })}>{texts.around}</Button>
      </div>
    </>
  );
}

function Export({ log, search, zone, now }: { log: Log; search: AuditSearch; zone: string; now: number }) {
  const { act, pending } = useAction();
  function run(format: Format) {
    // The file ends at the present moment, as the list may be older.
    const span = spanOf(search, zone, Math.max(now, Date.now()));
    const name = `auditlog-${dayOf(span.from, zone)}-${dayOf(span.to - 1, zone)}.${format}`;
    void act(
      async () => {
        const files = await filesOf(windowsOf(span), fileOf(log, search, format));
        download(name, joined(format, files), format);
      },
      { done: texts.exported(name) },
    );
  }
  return (
    <Menu
      label={texts.exportHint}
      actions={[
        { id: "csv", name: texts.csv, text: texts.csvText, onAction: () => run("csv") },
        { id: "ndjson", name: texts.ndjson, text: texts.ndjsonText, onAction: () => run("ndjson") },
      ]}
    >
      <Button icon={Download} isPending={pending}>
        {texts.export}
        <ChevronDown size="1rem" aria-hidden />
      </Button>
    </Menu>
  );
}
