import type { components } from "../../api/schema.d.ts";
import type { Point } from "../../charts/series.ts";
import { day, daysLater } from "../../lib/days.ts";
import type { Service } from "../../messages/en/services.ts";
import type { Search, Step } from "./search.ts";

export type Row = components["schemas"]["StatisticsRow"];

export type Span = { from: string; to: string; by: Step };

/** daysOf counts the days of a span, both ends included. */
export const daysOf = ({ from, to }: Pick<Span, "from" | "to">): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / day) + 1;

/** The spans that are offered, up to the present day. */
export const presets = {
  today: (today: string): Span => ({ from: today, to: today, by: "hour" }),
  week: (today: string): Span => ({ from: daysLater(today, -6), to: today, by: "hour" }),
  month: (today: string): Span => ({ from: daysLater(today, -29), to: today, by: "day" }),
  year: (today: string): Span => ({ from: daysLater(today, -364), to: today, by: "month" }),
};

export type Preset = keyof typeof presets;

/**
 * spanOf completes the span of the address. Without one it is the last 30 days
 * by day.
 */
export function spanOf({ from, to, by }: Search, today: string): Span {
  const last = to ?? today;
  const first = from ?? (to ? daysLater(to, -29) : presets.month(today).from);
  return { from: first, to: last, by: by ?? (daysOf({ from: first, to: last }) <= 7 ? "hour" : "day") };
}

/** presetOf returns which of the offered spans this is. */
export function presetOf(span: Span, today: string): Preset | undefined {
  return (Object.keys(presets) as Preset[]).find((name) => {
    const one = presets[name](today);
    return one.from === span.from && one.to === span.to && one.by === span.by;
  });
}

/**
 * The most steps that the service answers, 745. A longer span has larger steps.
 */
export function fitting(span: Span): Span {
  const days = daysOf(span);
  if (span.by === "hour" && days > 31) return { ...span, by: days > 745 ? "month" : "day" };
  if (span.by === "day" && days > 745) return { ...span, by: "month" };
  return span;
}

/**
 * pointsOf returns the points of one service. A row without it means that
 * nothing was used.
 */
export const pointsOf = (rows: readonly Row[], service: Service): Point[] =>
  rows.map((row) => ({ at: Date.parse(row.time), value: row[service] ?? 0 }));

/**
 * changeOf is the increase since the point before; undefined where there is
 * none or a counter began again.
 */
export function changeOf(points: readonly Point[], place: number, counter: boolean): number | undefined {
  const [before, now] = [points[place - 1], points[place]];
  if (!before || !now) return undefined;
  // Usage is counted to the hundredth.
  const change = Math.round((now.value - before.value) * 100) / 100;
  return counter && change < 0 ? undefined : change;
}
