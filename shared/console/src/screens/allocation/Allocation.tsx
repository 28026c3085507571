import { useQuery } from "@tanstack/react-query";
import EllipsisVertical from "lucide-react/icons/ellipsis-vertical";
import { type KeyboardEvent, useId, useState } from "react";
import { Input } from "react-aria-components/Input";
import { TextField } from "react-aria-components/TextField";
import { isCode } from "../../api/faults.ts";
import { api } from "../../api/index.ts";
import { allocationQuery, keys, overviewQuery, subscriptionQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { Guard } from "../../kit/Form.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Link } from "../../kit/Link.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { classes } from "../../lib/classes.ts";
import { useFormat } from "../../lib/format.ts";
import { allocation as texts } from "../../messages/en/allocation.ts";
import { levels, type Service, serviceIds, services } from "../../messages/en/services.ts";
import styles from "./Allocation.module.css";
import {
  bodyOf,
  type Change,
  changesOf,
  type Edits,
  evenly,
  faultOf,
  floorOf,
  hasOf,
  keyOf,
  leftOf,
  type State,
  staleOf,
  stateOf,
  typed,
  wantedOf,
} from "./model.ts";

// It is read again each minute, because other people may change the same
// allocation.
const minute = { refetchInterval: 60_000 };

/** The allocation of each profile, and the form that changes it. */
export function Allocation() {
  const allocation = useQuery({ ...allocationQuery, ...minute });
  const overview = useQuery({ ...overviewQuery, ...minute });
  const subscription = useQuery(subscriptionQuery);
  const skeleton = <Bone height="32rem" />;
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <Link to="/subscription" kind="secondary">
          {texts.larger}
        </Link>
      }
    >
      <Loaded query={allocation} skeleton={skeleton}>
        {(rows) => (
          <Loaded query={subscription} skeleton={skeleton}>
            {({ services }) => (
              <Loaded query={overview} skeleton={skeleton}>
                {({ profiles }) => (
                  <Whole
                    state={stateOf(rows, services, profiles)}
                    names={Object.fromEntries(profiles.map(({ id, name }) => [id, name]))}
                  />
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

type Names = Readonly<Record<string, string>>;

function Whole({ state, names }: { state: State; names: Names }) {
  const toProfiles = (
    <Link to="/profiles" kind="primary">
      {texts.toProfiles}
    </Link>
  );
  const [first, second] = state.rows;
  if (!first) {
    return (
      <Empty title={texts.noneTitle} actions={toProfiles}>
        {texts.none}
      </Empty>
    );
  }
  if (!second && serviceIds.every((service) => leftOf(state, {}, service) === 0)) {
    return (
      <Empty title={texts.onlyTitle(names[first.profile] ?? first.profile)} actions={toProfiles}>
        {texts.only}
      </Empty>
    );
  }
  return <Matrix state={state} names={names} />;
}

const changeAll = (changes: readonly Change[]) => api.POST("/account/allocation", { body: bodyOf(changes) });
const again = () => reread(keys.account, ["profile"]);

function Matrix({ state, names }: { state: State; names: Names }) {
  const format = useFormat();
  const { number } = format;
  const [edits, setEdits] = useState<Edits>({});
  const [asking, setAsking] = useState(false);
  const tableId = useId();
  const changes = changesOf(state, edits);
  const stale = staleOf(state, edits);
  const over = serviceIds.filter((service) => leftOf(state, edits, service) < 0 && isEdited(service));
  const faulty = serviceIds.some((service) =>
    state.rows.some(({ profile }) => faultOf(state, edits, profile, service)),
  );
  const dirty = Object.keys(edits).length > 0;
  const nameOf = (profile: string) => names[profile] ?? profile;

  function isEdited(service: Service) {
    return state.rows.some(({ profile }) => edits[keyOf(profile, service)]);
  }
  const give = (service: Service, amounts: Record<string, number>) =>
    setEdits((now) =>
      Object.entries(amounts).reduce(
        (next, [profile, amount]) => typed(state, next, profile, service, number(amount)),
        now,
      ),
    );
  const reset = (service: Service) =>
    setEdits((now) => Object.fromEntries(Object.entries(now).filter(([key]) => !key.endsWith(` ${service}`))));

  async function save() {
    try {
      await changeAll(changes);
    } catch (error) {
      // The table then shows both numbers.
      if (!isCode(error, "allocation_stale")) throw error;
      await again();
      return;
    }
    const back = changes.map(({ from, to, ...rest }) => ({ ...rest, from: to, to: from }));
    setEdits({});
    await again();
    toast(texts.saved, async () => {
      await changeAll(back);
      await again();
    });
  }

  const columns: (Column<Service> | false)[] = [
    {
      id: "service",
      name: texts.service,
      primary: true,
      cell: (service) => (
        <span className={styles.head}>
          {services[service].name}
          <span>{texts.of(number(state.limits[service]), services[service].unit)}</span>
        </span>
      ),
    },
    ...state.rows.map(
      ({ profile }): Column<Service> => ({
        id: profile,
        name: nameOf(profile),
        cell: (service) => (
          <Cell
            state={state}
            edits={edits}
            profile={profile}
            service={service}
            name={texts.cell(services[service].name, nameOf(profile))}
            onType={(text) => setEdits((now) => typed(state, now, profile, service, text))}
          />
        ),
      }),
    ),
    {
      id: "left",
      name: texts.left,
      end: true,
      cell: (service) => <Left left={leftOf(state, edits, service)} />,
    },
    {
      id: "actions",
      name: texts.evenly,
      action: true,
      cell: (service) => {
        const left = leftOf(state, edits, service);
        return (
          <Menu
            label={texts.actions(services[service].name)}
            actions={[
              {
                id: "evenly",
                name: texts.evenly,
                text: texts.evenlyText,
                onAction: () => give(service, evenly(state, service)),
              },
              ...(left > 0
                ? state.rows.map(({ profile }) => ({
                    id: profile,
                    name: texts.rest(nameOf(profile)),
                    text: texts.restText(number(left)),
                    onAction: () =>
                      give(service, { [profile]: (wantedOf(state, edits, profile, service) ?? 0) + left }),
                  }))
                : []),
              isEdited(service) && {
                id: "reset",
                name: texts.undoRow,
                apart: true,
                onAction: () => reset(service),
              },
            ]}
          >
            <IconButton small icon={EllipsisVertical} label={texts.actions(services[service].name)} />
          </Menu>
        );
      },
    },
  ];

  const reason =
    stale.length > 0
      ? texts.resolve
      : faulty
        ? texts.fixFirst
        : over[0]
          ? texts.overSays(services[over[0]].name, number(-leftOf(state, edits, over[0])))
          : undefined;
  return (
    <>
      <Guard dirty={dirty} />
      {stale.length > 0 && (
        <Notice kind="warn" live>
          <div className={styles.stale}>
            <p>{texts.stale}</p>
            <ul>
              {stale.map(({ profile, service, base, now }) => (
                <li key={keyOf(profile, service)}>
                  {texts.staleCell(services[service].name, nameOf(profile), number(base), number(now))}
                </li>
              ))}
            </ul>
            <Buttons>
              <Button small onPress={() => setEdits((now) => settle(now, stale, "theirs"))}>
                {texts.takeTheirs}
              </Button>
              <Button small onPress={() => setEdits((now) => settle(now, stale, "mine"))}>
                {texts.keepMine}
              </Button>
            </Buttons>
          </div>
        </Notice>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the fields within. */}
      <div id={tableId} onKeyDown={walk}>
        <Table label={texts.table} columns={columns} rows={serviceIds} rowKey={(service) => service} />
      </div>
      <div className={classes(styles.foot, dirty && styles.dirty)} data-foot={dirty || undefined}>
        <p role="status">
          {dirty && <strong>{texts.changes(changes.length)}</strong>}
          {dirty ? reason : texts.keys}
        </p>
        <div className={styles.buttons}>
          {dirty ? (
            <Button onPress={() => setEdits({})}>{texts.discard}</Button>
          ) : (
            <Button
              onPress={() => {
                for (const service of serviceIds) give(service, evenly(state, service));
              }}
            >
              {texts.everything}
            </Button>
          )}
          <Button
            kind="primary"
            isDisabled={changes.length === 0 || reason !== undefined}
            onPress={() => setAsking(true)}
          >
            {texts.review}
          </Button>
        </div>
      </div>
      {asking && (
        <ConfirmDialog
          title={texts.confirmTitle}
          danger={false}
          action={texts.save}
          onClose={() => setAsking(false)}
          onConfirm={save}
          failure={(error) => <Failure error={error} />}
          text={<Diff state={state} changes={changes} nameOf={nameOf} />}
        />
      )}
    </>
  );
}

// settle ends a conflict: it takes the numbers of the others, or counts them as
// seen.
function settle(edits: Edits, stale: ReturnType<typeof staleOf>, whose: "mine" | "theirs"): Edits {
  const next = { ...edits };
  for (const { profile, service, now } of stale) {
    const key = keyOf(profile, service);
    const edit = next[key];
    if (whose === "theirs") delete next[key];
    else if (edit) next[key] = { ...edit, base: now };
  }
  return next;
}

function Left({ left }: { left: number }) {
  const { number } = useFormat();
  return (
    <span className={classes(styles.left, left < 0 ? styles.bad : left === 0 && styles.none)}>
      <strong>{left < 0 ? texts.leftOver(number(-left)) : number(left)}</strong>
    </span>
  );
}

function Cell({
  state,
  edits,
  profile,
  service,
  name,
  onType,
}: {
  state: State;
  edits: Edits;
  profile: string;
  service: Service;
  name: string;
  onType: (text: string) => void;
}) {
  const { number } = useFormat();
  const id = useId();
  const has = hasOf(state, profile, service);
  const edit = edits[keyOf(profile, service)];
  const used = state.used[profile]?.[service] ?? 0;
  const value = wantedOf(state, edits, profile, service) ?? 0;
  const share = value > 0 ? used / value : used > 0 ? 1 : 0;
  const fault = faultOf(state, edits, profile, service);
  const floor = floorOf(state, profile, service);
  const words =
    fault &&
    {
      not_number: texts.notNumber,
      too_low: texts.tooLow(number(floor)),
      too_low_level: texts.tooLowLevel(number(floor)),
      too_much: texts.tooMuch(number(state.limits[service])),
    }[fault];
  return (
    <span
      className={classes(styles.cell, edit && styles.changed, share >= 1 ? styles.over : share >= 0.8 && styles.near)}
    >
      <TextField
        aria-label={name}
        aria-describedby={id}
        isInvalid={fault !== undefined}
        value={edit ? edit.text : number(has)}
        onChange={onType}
      >
        <Input className={styles.input ?? ""} inputMode="numeric" autoComplete="off" data-cell />
      </TextField>
      <span className={styles.track} aria-hidden>
        <span className={styles.fill} style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </span>
      <span id={id} className={styles.under}>
        {words && <span className={styles.fault}>{words} </span>}
        {levels.includes(service) ? texts.stored(number(used)) : texts.used(number(used))}
        {edit && edit.base !== has && <em>{texts.theirs(number(has))}</em>}
      </span>
    </span>
  );
}

function Diff({
  state,
  changes,
  nameOf,
}: {
  state: State;
  changes: readonly Change[];
  nameOf: (profile: string) => string;
}) {
  const { number } = useFormat();
  return (
    <>
      <p>{texts.confirmLead}</p>
      <dl className={styles.diff}>
        {changes.map(({ profile, service, from, to }) => {
          const used = state.used[profile]?.[service] ?? 0;
          return (
            <div key={keyOf(profile, service)} style={{ display: "contents" }}>
              <dt>{texts.diff(nameOf(profile), services[service].name)}</dt>
              <dd>
                <span aria-hidden>{texts.arrow(number(from), number(to))}</span>
                <span className="visually-hidden">{texts.diffSpoken(number(from), number(to))}</span>
                {used >= to && used < from && (
                  <span className={classes(styles.note, styles.badNote)}>{texts.blocks}</span>
                )}
                {used >= from && used > 0 && used < to && (
                  <span className={classes(styles.note, styles.goodNote)}>{texts.unblocks}</span>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

// walk goes from field to field as in a sheet: Up and Down along a column, Left
// and Right at the ends of a text, Enter downwards.
function walk(event: KeyboardEvent<HTMLElement>) {
  const field = event.target as HTMLInputElement;
  if (!field.matches("input[data-cell]") || event.altKey || event.ctrlKey || event.metaKey) return;
  const td = field.closest("td");
  const row = td?.parentElement;
  if (!td || !row) return;
  const place = [...row.children].indexOf(td);
  const { selectionStart: start, selectionEnd: end, value } = field;
  const whole = start === 0 && end === value.length;
  const go: Record<string, Element | null | undefined> = {
    ArrowUp: row.previousElementSibling?.children[place],
    ArrowDown: row.nextElementSibling?.children[place],
    Enter: (event.shiftKey ? row.previousElementSibling : row.nextElementSibling)?.children[place],
    ArrowLeft: whole || (start === 0 && end === 0) ? td.previousElementSibling : undefined,
    ArrowRight: whole || (start === value.length && end === value.length) ? td.nextElementSibling : undefined,
  };
  const next = go[event.key]?.querySelector<HTMLInputElement>("input[data-cell]");
  if (!next) {
    if (event.key === "Enter") event.preventDefault();
    return;
  }
  event.preventDefault();
  next.focus();
  next.select();
}
