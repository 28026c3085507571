import { type ReactNode, useEffect, useMemo, useState } from "react";
import { Button } from "../../kit/Button.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Select } from "../../kit/Select.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { isDay } from "../../lib/days.ts";
import { capital, useFormat } from "../../lib/format.ts";
import { audit as texts } from "../../messages/en/audit.ts";
import { plans } from "../../messages/en/services.ts";
import { useSession } from "../../session/store.ts";
import styles from "./Audit.module.css";
import type { Entry } from "./queries.ts";
import { type AuditSearch, daysBack } from "./search.ts";
import { dayOf, isFiltered, spanOf } from "./span.ts";
import { kindName } from "./words.ts";

type Props = {
  search: AuditSearch;
  onSearch: (search: AuditSearch) => void;
  people: ReadonlyMap<string, string>;
  plan: string | undefined;
  own: boolean;
  seen: readonly Entry[];
  actions: ReactNode;
};

type Range = keyof typeof texts.ranges;
const ranges = Object.keys(texts.ranges) as Range[];
const typing = 400;
const any = "any";

/**
 * The filters of the log. All of them are in the address, so that it can be
 * shared.
 */
export function Filters({ search, onSearch, people, plan, own, seen, actions }: Props) {
  const { zone } = useFormat();
  const { timezone } = useSession();
  const locked = plan === "free";
  const change = (part: Partial<AuditSearch>) => onSearch({ ...search, ...part });
  const preset = ranges.find((range) => range === (search.from ?? "7d") && search.to === undefined) ?? "dates";
  const dates = useDates(search, zone);

  function choose(range: Range) {
    if (range !== "dates") return change({ from: range, to: undefined });
    const { from, to } = spanOf(search, zone, Date.now());
    change({ from: dayOf(from, zone), to: dayOf(to - 1, zone) });
  }

  return (
    <section aria-label={texts.filters} className={styles.filters}>
      <div className={styles.row}>
        <Select
          label={texts.range}
          choices={ranges.map((id) => ({ id, name: texts.ranges[id] }))}
          value={preset}
          onChange={choose}
        />
        {preset === "dates" && (
          <>
            <DateField label={texts.from} value={dates.from} onChange={(from) => change({ from, to: search.to })} />
            <DateField label={texts.to} value={dates.to} onChange={(to) => change({ from: search.from, to })} />
          </>
        )}
        <Select
          label={texts.what}
          isDisabled={locked}
          choices={kinds(search, seen)}
          value={search.what ?? any}
          onChange={(what) => change({ what: what === any ? undefined : what })}
        />
        <Select
          label={texts.who}
          isDisabled={locked}
          choices={whose(search, people)}
          value={search.who ?? any}
          onChange={(who) => change({ who: who === any ? undefined : who })}
        />
        <Find value={search.find ?? ""} disabled={locked} onChange={(find) => change({ find: find || undefined })} />
      </div>
      <div className={styles.bar}>
        <div className={styles.zone}>
          {timezone !== "UTC" && (
            <Segments
              label={texts.zone}
              value={search.zone ?? "own"}
              onChange={(zone) => change({ zone: zone === "utc" ? "utc" : undefined })}
              choices={[
                { id: "own", name: timezone.replaceAll("_", " ") },
                { id: "utc", name: "UTC" },
              ]}
            />
          )}
          {isFiltered(search) && (
            <Button kind="quiet" onPress={() => change({ who: undefined, what: undefined, find: undefined })}>
              {texts.clear}
            </Button>
          )}
        </div>
        <div className={styles.actions}>{actions}</div>
      </div>
      {locked && <Notice>{own ? texts.filtersLocked(plans.free) : texts.filtersLockedOther}</Notice>}
    </section>
  );
}

// The days of an address, in any of its forms.
function useDates(search: AuditSearch, zone: string) {
  return useMemo(() => {
    const { from, to } = spanOf(search, zone, Date.now());
    const day = (bound: string | undefined, at: number) =>
      bound && daysBack(bound) === undefined && isDay(bound) ? bound : dayOf(at, zone);
    return { from: day(search.from, from), to: day(search.to, to - 1) };
  }, [search, zone]);
}

// A day counts when it is complete. While a person types, its parts make days
// that nobody means.
function DateField({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextField
      label={label}
      type="date"
      value={typed}
      onChange={setTyped}
      onBlur={() => (isDay(typed) ? typed !== value && onChange(typed) : setTyped(value))}
      onKeyDown={(event) => event.key === "Enter" && isDay(typed) && typed !== value && onChange(typed)}
    />
  );
}

function Find({ value, disabled, onChange }: { value: string; disabled: boolean; onChange: (find: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it waits for the typing alone.
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), typing);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className={styles.find}>
      <span className={styles.label} aria-hidden>
        {texts.find}
      </span>
      <SearchField
        label={texts.find}
        placeholder={texts.findHint}
        isDisabled={disabled}
        value={typed}
        onChange={setTyped}
        maxLength={200}
        onSubmit={(find) => find.trim() !== value && onChange(find.trim())}
      />
    </div>
  );
}

function kinds({ what }: AuditSearch, seen: readonly Entry[]) {
  const found = new Set([...Object.keys(texts.kinds), ...seen.map(({ resourceName }) => resourceName)]);
  const choices = [...found].map((id) => ({ id, name: capital(kindName(id)) }));
  const [kind = "", id] = what?.split("/") ?? [];
  if (what && id) choices.unshift({ id: what, name: texts.one(kindName(kind), id) });
  else if (what && !found.has(what)) choices.push({ id: what, name: what });
  return [{ id: any, name: texts.anything }, ...choices];
}

function whose({ who }: AuditSearch, people: ReadonlyMap<string, string>) {
  const choices = [...people].map(([id, name]) => ({ id, name }));
  if (who && !people.has(who)) choices.push({ id: who, name: /^[0-9a-f]{24}$/.test(who) ? texts.gone(who) : who });
  return [{ id: any, name: texts.anybody }, ...choices];
}
