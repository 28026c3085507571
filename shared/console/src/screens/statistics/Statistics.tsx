import { queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import Download from "lucide-react/icons/download";
import { useEffect, useState } from "react";
import { api } from "../../api/index.ts";
import { keys, summaryQuery } from "../../api/queries.ts";
import { LineChart, Spark } from "../../charts/LineChart.tsx";
import type { Point } from "../../charts/series.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Facts, Page, Section } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { Money } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { isDay } from "../../lib/days.ts";
import { csv, download } from "../../lib/download.ts";
import { useFormat } from "../../lib/format.ts";
import { levels, type Service, serviceIds, services } from "../../messages/en/services.ts";
import { statistics as texts } from "../../messages/en/statistics.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { columnName } from "../cost/CostMatrix.tsx";
import { matrixOf } from "../cost/matrix.ts";
import { monthName, monthOf } from "../cost/months.ts";
import { profileCostQuery } from "../cost/queries.ts";
import styles from "./Statistics.module.css";
import { changeOf, fitting, type Preset, pointsOf, presetOf, presets, type Row, type Span, spanOf } from "./span.ts";

const statisticsQuery = (id: string, zone: string, { from, to, by }: Span) =>
  queryOptions({
    queryKey: [...keys.profile(id), "statistics", zone, from, to, by],
    queryFn: ({ signal }) =>
      api.GET("/profile/{id}/statistics", {
        params: { path: { id }, query: { start_date: from, end_date: to, periodicity: by, timezone: zone } },
        signal,
      }),
    placeholderData: (before) => before,
  });

type Limits = Partial<Record<string, number>>;

/**
 * The usage of a profile over time: nine small charts, one of them large with
 * its table, and for the owner the cost.
 */
export function Statistics() {
  const { id, name, own, owner_name, permission } = useProfile();
  const { zone, dayOf } = useFormat();
  const search = useSearch({ from: "/inside/p/$profile/statistics" });
  const today = dayOf(Date.now());
  const asked = spanOf(search, today);
  const span = fitting(asked);
  const reversed = span.to < span.from;
  const rows = useQuery({ ...statisticsQuery(id, zone, span), enabled: !reversed });
  const summary = useQuery(summaryQuery(id));
  const service = search.service ?? "input";
  return (
    <Page title={texts.title} within={name} lead={texts.lead(zone)} beside={<Given />}>
      <Bar span={span} today={today} />
      {asked.by !== span.by && <Notice>{texts.tooLong(texts.steps[span.by].toLowerCase())}</Notice>}
      {reversed ? (
        <Notice kind="warn" live>
          {texts.wrongOrder}
        </Notice>
      ) : (
        <Loaded
          query={rows}
          skeleton={
            // It is as tall as the contents that follow, so that the cost below
            // stays in its place.
            <>
              <Bone height="28rem" />
              <Bone height="40rem" />
            </>
          }
        >
          {(found) =>
            found.length === 0 ? (
              <Empty title={texts.emptyTitle}>{texts.empty}</Empty>
            ) : (
              <>
                <Cards rows={found} limits={summary.data?.limit ?? {}} chosen={service} span={span} />
                <Large
                  key={`${service} ${span.from} ${span.to} ${span.by} ${found.length}`}
                  rows={found}
                  limits={summary.data?.limit ?? {}}
                  service={service}
                  span={span}
                  name={name}
                />
              </>
            )
          }
        </Loaded>
      )}
      {own || permission === "billing" ? <Cost id={id} own={own} /> : <Notice>{texts.readOnly(owner_name)}</Notice>}
    </Page>
  );
}

function useGo() {
  const navigate = useNavigate();
  const { id: profile } = useProfile();
  return (search: object) =>
    void navigate({
      to: "/p/$profile/statistics",
      params: { profile },
      search: (before) => ({ ...before, ...search }),
      replace: true,
      resetScroll: false,
    });
}

function Bar({ span, today }: { span: Span; today: string }) {
  const go = useGo();
  const [dates, setDates] = useState({ from: span.from, to: span.to });
  useEffect(() => setDates({ from: span.from, to: span.to }), [span.from, span.to]);
  const preset = presetOf(span, today);
  // A date is accepted when it is complete, because browsers report every digit
  // that is typed.
  const take = (change: Partial<typeof dates>) => setDates({ ...dates, ...change });
  const changed = dates.from !== span.from || dates.to !== span.to;
  return (
    <div className={styles.bar}>
      <div className={styles.field}>
        <span aria-hidden>{texts.span}</span>
        <Segments<Preset | "own">
          label={texts.span}
          value={preset ?? "own"}
          onChange={(name) => name !== "own" && go(presets[name](today))}
          choices={(Object.keys(presets) as Preset[]).map((name) => ({ id: name, name: texts.spans[name] }))}
        />
      </div>
      <div className={styles.field}>
        <span aria-hidden>{texts.by}</span>
        <Segments
          label={texts.by}
          value={span.by}
          onChange={(by) => go({ from: span.from, to: span.to, by })}
          choices={(["hour", "day", "month"] as const).map((id) => ({ id, name: texts.steps[id] }))}
        />
      </div>
      <form
        className={styles.dates}
        onSubmit={(event) => {
          event.preventDefault();
          if (isDay(dates.from) && isDay(dates.to)) go(dates);
        }}
      >
        <TextField label={texts.from} type="date" value={dates.from} onChange={(from) => take({ from })} />
        <TextField label={texts.to} type="date" value={dates.to} onChange={(to) => take({ to })} />
        <Button type="submit" kind={changed ? "primary" : "secondary"}>
          {texts.apply}
        </Button>
      </form>
    </div>
  );
}

const isCounter = (service: Service) => !levels.includes(service);

function useUsed() {
  const { number } = useFormat();
  return (used: number, limit: number | undefined) =>
    limit ? texts.usedOf(number(used), number(limit)) : used > 0 ? texts.noLimit(number(used)) : texts.nothing;
}

function Cards({ rows, limits, chosen, span }: { rows: readonly Row[]; limits: Limits; chosen: Service; span: Span }) {
  const { id } = useProfile();
  const used = useUsed();
  return (
    <Section plain title={texts.services} lead={texts.servicesLead}>
      <div className={styles.cards}>
        {serviceIds.map((service) => {
          const points = pointsOf(rows, service);
          const last = points.at(-1)?.value ?? 0;
          const limit = limits[service];
          const share = limit ? last / limit : 0;
          return (
            <Link
              key={service}
              to="/p/$profile/statistics"
              params={{ profile: id }}
              search={(before) => ({ ...before, service })}
              replace
              resetScroll={false}
              activeOptions={{ includeSearch: true, exact: true }}
              activeProps={{}}
              aria-current={service === chosen ? "true" : undefined}
              className={styles.card ?? ""}
            >
              <span className={styles.cardHead}>{services[service].name}</span>
              <Spark points={points} kind={isCounter(service) ? "counter" : "level"} limit={limit} by={span.by} />
              <span
                className={classes(styles.cardText, share >= 1 ? styles.over : share >= 0.8 ? styles.near : undefined)}
              >
                {used(last, limit)}
              </span>
            </Link>
          );
        })}
      </div>
    </Section>
  );
}

function Large({
  rows,
  limits,
  service,
  span,
  name,
}: {
  rows: readonly Row[];
  limits: Limits;
  service: Service;
  span: Span;
  name: string;
}) {
  const { calendarDay, date, moment, number, tick } = useFormat();
  const points = pointsOf(rows, service);
  const [at, setAt] = useState(points.length - 1);
  const counter = isCounter(service);
  const limit = limits[service];
  const { unit } = services[service];
  const time = (when: number) =>
    span.by === "hour" ? moment(when) : span.by === "day" ? date(when) : tick(when, "month");
  const percent = (value: number) => `${number(Math.round((value / (limit || 1)) * 1000) / 10)} %`;
  const changeWords = (place: number) => {
    const change = changeOf(points, place, counter);
    if (change !== undefined) return `${change > 0 ? "+" : ""}${number(change)}`;
    return place > 0 ? texts.begins : "";
  };
  function words(point: Point) {
    const place = points.indexOf(point);
    const change = changeOf(points, place, counter);
    return {
      time: time(point.at),
      value: `${number(point.value)} ${unit}`,
      beside: [
        limit && texts.ofLimit(percent(point.value), number(limit)),
        change !== undefined && texts.more(changeWords(place)),
      ]
        .filter(Boolean)
        .join(", "),
    };
  }
  return (
    <Section
      title={services[service].name}
      lead={counter ? texts.counter(unit) : texts.level(unit)}
      actions={
        <Button
          icon={Download}
          aria-label={texts.csvLabel}
          onPress={() => download(`statistics-${span.from}-${span.to}.csv`, fileOf(rows, name, time))}
        >
          {texts.csv}
        </Button>
      }
    >
      <div className={styles.wide}>
        <div className={styles.chart}>
          <LineChart
            label={texts.chart(services[service].name, `${calendarDay(span.from)} – ${calendarDay(span.to)}`)}
            points={points}
            kind={counter ? "counter" : "level"}
            limit={limit}
            by={span.by}
            at={at}
            onAt={setAt}
            words={words}
          />
          <p className={styles.hint}>{texts.chartHint}</p>
        </div>
        <section
          className={styles.rows}
          aria-label={texts.tableScroll(services[service].name)}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard.
          tabIndex={0}
        >
          <table aria-label={texts.table(services[service].name)}>
            <thead>
              <tr>
                <th scope="col">{texts.time}</th>
                <th scope="col">{texts.total}</th>
                <th scope="col">{texts.change}</th>
              </tr>
            </thead>
            <tbody>
              {points
                .map((point, place) => (
                  <tr key={point.at} aria-current={place === at || undefined}>
                    <th scope="row">{time(point.at)}</th>
                    <td>{number(point.value)}</td>
                    <td>{changeWords(place)}</td>
                  </tr>
                ))
                .reverse()}
            </tbody>
          </table>
        </section>
      </div>
    </Section>
  );
}

// fileOf has all services of all steps, with the instant and the time of the
// account.
function fileOf(rows: readonly Row[], profile: string, time: (when: number) => string): string {
  return csv([
    ["profile", "time", "local_time", ...serviceIds],
    ...rows.map((row) => [
      profile,
      row.time,
      time(Date.parse(row.time)),
      ...serviceIds.map((service) => row[service] ?? 0),
    ]),
  ]);
}

function Cost({ id, own }: { id: string; own: boolean }) {
  const month = monthOf(Date.now());
  const query = useQuery(profileCostQuery(id, month));
  const { moment } = useFormat();
  return (
    <Section
      title={texts.cost}
      lead={texts.costLead(monthName(month))}
      actions={
        own && (
          <Link to="/statistics" search={{}}>
            {texts.costAll}
          </Link>
        )
      }
    >
      <Loaded query={query}>
        {({ lines, total, forecast }) => {
          const { columns, sums } = matrixOf(lines);
          return (
            <Facts
              pairs={[
                ...columns.map(
                  (column) => [columnName(column), <Money key={column} cents={sums.get(column) ?? 0} />] as const,
                ),
                [
                  texts.costTotal,
                  columns.length > 0 ? (
                    <strong key="total">
                      <Money cents={total} />
                    </strong>
                  ) : (
                    texts.costNone
                  ),
                ],
                [
                  forecast.renewal ? texts.costNext(moment(forecast.renewal)) : "",
                  forecast.renewal && <Money key="next" cents={forecast.total} />,
                ],
              ]}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
