import { scaleLinear } from "d3-scale";
import { area, curveLinear, curveStepAfter, line } from "d3-shape";

/** A value at a time. */
export type Point = { at: number; value: number };

/**
 * Counters grow until they begin again; levels stay what they are until they
 * change.
 */
export type Kind = "counter" | "level";

type Size = { width: number; height: number };

/**
 * pieces cuts a counter where it began again, so that no line shows a slow
 * fall, and every series at a gap of more than two steps, where nothing is
 * known.
 */
export function pieces(points: readonly Point[], kind: Kind, step: number): Point[][] {
  const cut: Point[][] = [];
  let last: Point | undefined;
  for (const point of points) {
    const apart = !last || point.at - last.at > 2.1 * step || (kind === "counter" && point.value < last.value);
    if (apart) cut.push([]);
    cut.at(-1)?.push(point);
    last = point;
  }
  return cut;
}

/**
 * top is the end of the axis: that of the limit when that can be seen beside
 * the data, or else that of the data.
 */
export function top(points: readonly Point[], limit: number | undefined): { end: number; limited: boolean } {
  const most = Math.max(...points.map(({ value }) => value), 0);
  const limited = limit !== undefined && limit > 0 && most >= limit * 0.2;
  const end = Math.max(limited ? limit : 0, most) * 1.04;
  return { end: end || limit || 1, limited };
}

/** axes are the scales of a chart from a time to another. */
export function axes({ width, height }: Size, from: number, to: number, end: number) {
  return {
    x: scaleLinear()
      .domain(to > from ? [from, to] : [from - 1, from + 1])
      .range([0, width]),
    y: scaleLinear().domain([0, end]).range([height, 0]),
  };
}

/**
 * paths draws the pieces: a line each, and the area below it. A point alone is
 * a short dash.
 */
export function paths(cut: readonly Point[][], kind: Kind, { x, y }: ReturnType<typeof axes>) {
  const curve = kind === "level" ? curveStepAfter : curveLinear;
  const stroke = line<Point>()
    .x(({ at }) => x(at))
    .y(({ value }) => y(value))
    .curve(curve);
  const fill = area<Point>()
    .x(({ at }) => x(at))
    .y0(y(0))
    .y1(({ value }) => y(value))
    .curve(curve);
  return cut.map((piece) => {
    const [only] = piece;
    const dash =
      piece.length === 1 && only ? `M${(x(only.at) - 2).toFixed(2)},${y(only.value).toFixed(2)}h4` : undefined;
    return { line: dash ?? stroke(piece) ?? "", area: dash ? "" : (fill(piece) ?? "") };
  });
}

/**
 * marks chooses the points that the axis names: as many as fit, evenly,
 * beginning where something natural begins, such as a day among hours.
 */
export function marks(points: readonly Point[], most: number, natural: (at: number) => boolean): number[] {
  const places = points.flatMap(({ at }, place) => (natural(at) ? [place] : []));
  const from = places.length >= 2 ? places : points.map((_, place) => place);
  const every = Math.max(Math.ceil(from.length / Math.max(most, 1)), 1);
  return from.filter((_, number) => number % every === 0);
}

/** nearest returns the place of the point that is closest to a time. */
export function nearest(points: readonly Point[], at: number): number {
  let best = 0;
  points.forEach((point, place) => {
    const now = points[best];
    if (now && Math.abs(point.at - at) < Math.abs(now.at - at)) best = place;
  });
  return best;
}
