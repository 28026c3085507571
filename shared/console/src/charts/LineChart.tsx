import type { KeyboardEvent, PointerEvent } from "react";
import { useId } from "react";
import { day, hour } from "../lib/days.ts";
import { useFormat } from "../lib/format.ts";
import { charts as texts } from "../messages/en/charts.ts";
import styles from "./charts.module.css";
import { axes, type Kind, marks, nearest, type Point, paths, pieces, top } from "./series.ts";
import { useWidth } from "./useWidth.ts";

type Props = {
  /** The name of the chart, for screen readers. */
  label: string;
  points: readonly Point[];
  kind: Kind;
  limit: number | undefined;
  by: "hour" | "day" | "month";
  /** The selected point. */
  at: number;
  onAt: (place: number) => void;
  /** The text of a point. */
  words: (point: Point) => { time: string; value: string; beside: string };
};

const height = 240;
const room = { left: 52, right: 12, top: 14, bottom: 26 };
const lengths = { hour, day, month: 31 * day };

/**
 * A chart of one series over time. It is a slider for the keyboard: arrows go
 * from point to point, Home and End to the first and the last, and what a point
 * says is the slider's text. The pointer does the same.
 */
export function LineChart({ label, points, kind, limit, by, at, onAt, words }: Props) {
  const { compact, tick, number } = useFormat();
  const [frame, width] = useWidth<HTMLDivElement>(720);
  const readId = useId();
  const size = { width: Math.max(width - room.left - room.right, 40), height: height - room.top - room.bottom };
  const [first, last] = [points[0], points.at(-1)];
  const { end, limited } = top(points, limit);
  const scales = axes(size, first?.at ?? 0, last?.at ?? 1, end);
  const { x, y, time, lines } = scales;
  const point = points[at];
  const read = point && words(point);

  function move(event: KeyboardEvent) {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -10,
      PageUp: 10,
      Home: -points.length,
      End: points.length,
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onAt(Math.min(Math.max(at + step, 0), points.length - 1));
  }

  function point2(event: PointerEvent<HTMLElement>) {
    const { left } = event.currentTarget.getBoundingClientRect();
    onAt(nearest(points, time(event.clientX - left - room.left)));
  }

  // Many hours are named by their days.
  const days = by === "hour" && points.length > 30;
  const begins = days && tick(midnight(points, tick), "hour");
  const named = marks(points, size.width / 84, (time) => days && tick(time, "hour") === begins);
  return (
    <div className={styles.chart}>
      {read && (
        <p className={styles.read} id={readId}>
          <strong>{read.value}</strong>
          <span>{read.time}</span>
          <span>{read.beside}</span>
        </p>
      )}
      <div
        ref={frame}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={points.length}
        aria-valuenow={at + 1}
        aria-valuetext={read ? texts.point(read.time, read.value, read.beside) : ""}
        aria-orientation="horizontal"
        className={styles.frame}
        onKeyDown={move}
        onPointerMove={(event) => event.pointerType === "mouse" && point2(event)}
        onPointerDown={point2}
      >
        <svg width={width} height={height} aria-hidden="true">
          <g transform={`translate(${room.left} ${room.top})`}>
            {lines.map((value) => (
              <g key={value} transform={`translate(0 ${y(value)})`}>
                <line x2={size.width} className={styles.grid} />
                <text x={-8} dy="0.32em" textAnchor="end" className={styles.axis}>
                  {compact(value)}
                </text>
              </g>
            ))}
            {named.map((place) => {
              const { at: moment } = points[place] ?? { at: 0 };
              return (
                <text key={moment} x={x(moment)} y={size.height + 18} textAnchor="middle" className={styles.axis}>
                  {tick(moment, days ? "day" : by)}
                </text>
              );
            })}
            {limited && limit !== undefined && (
              <g transform={`translate(0 ${y(limit)})`}>
                <line x2={size.width} className={styles.limit} />
                <text x={size.width} y={-4} textAnchor="end" className={`${styles.axis} ${styles.limitName}`}>
                  {texts.limit(number(limit))}
                </text>
              </g>
            )}
            {paths(pieces(points, kind, lengths[by]), kind, scales).map((piece) => (
              <g key={piece.line}>
                <path d={piece.area} className={styles.area} />
                <path d={piece.line} className={styles.line} />
              </g>
            ))}
            {point && (
              <g transform={`translate(${x(point.at)} 0)`}>
                <line y2={size.height} className={styles.cursor} />
                <circle cy={y(point.value)} r={4.5} className={styles.dot} />
              </g>
            )}
          </g>
        </svg>
      </div>
    </div>
  );
}

// midnight is the time of the first point of the second day: days begin where
// the date of a point differs from that of the one before.
function midnight(points: readonly Point[], tick: (when: number, as: "day") => string): number {
  const place = points.findIndex((point, number) => {
    const before = points[number - 1];
    return before !== undefined && tick(before.at, "day") !== tick(point.at, "day");
  });
  return points[place]?.at ?? 0;
}

/**
 * A small chart without axes, for comparing shapes. Screen readers skip it and
 * read the texts beside it.
 */
export function Spark({ points, kind, limit, by }: Pick<Props, "points" | "kind" | "limit" | "by">) {
  const { end, limited } = top(points, limit);
  const scales = axes({ width: 200, height: 40 }, points[0]?.at ?? 0, points.at(-1)?.at ?? 1, end);
  return (
    <svg viewBox="0 0 200 40" preserveAspectRatio="none" className={styles.spark} aria-hidden="true">
      <line y1={40} y2={40} x2={200} className={styles.grid} />
      {limited && limit !== undefined && (
        <line y1={scales.y(limit)} y2={scales.y(limit)} x2={200} className={styles.limit} />
      )}
      {paths(pieces(points, kind, lengths[by]), kind, scales).map((piece) => (
        <g key={piece.line}>
          <path d={piece.area} className={styles.area} />
          <path d={piece.line} className={styles.line} />
        </g>
      ))}
    </svg>
  );
}
