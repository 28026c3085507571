import { ticks } from "d3-array";

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

/** A place on an axis, in pixels, for a value. */
export type Scale = (value: number) => number;

/**
 * scale maps the values from one to another evenly to the places from one to
 * another.
 */
export function scale([first, last]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  return (value) => start + ((value - first) / (last - first)) * (end - start);
}

/**
 * axes are the scales of a chart from a time to another, the time at a place,
 * and about four round values for lines across.
 */
export function axes({ width, height }: Size, from: number, to: number, end: number) {
  const times = to > from ? ([from, to] as const) : ([from - 1, from + 1] as const);
  return {
    x: scale(times, [0, width]),
    y: scale([0, end], [height, 0]),
    time: scale([0, width], times),
    lines: ticks(0, end, 4),
  };
}

/**
 * paths draws the pieces: a line each, and the area below it. A point alone is
 * a short dash.
 */
export function paths(cut: readonly Point[][], kind: Kind, { x, y }: { x: Scale; y: Scale }) {
  return cut.map((piece) => {
    const places = piece.map(({ at, value }) => [rounded(x(at)), rounded(y(value))] as const);
    const [[left, first] = [0, 0]] = places;
    if (places.length === 1) return { line: `M${rounded(left - 2)},${first}h4`, area: "" };
    // A level stays until its next point.
    const line = places
      .map(([across, up], place) =>
        place === 0 ? `M${across},${up}` : kind === "level" ? `H${across}V${up}` : `L${across},${up}`,
      )
      .join("");
    return { line, area: `${line}V${rounded(y(0))}H${left}Z` };
  });
}

// Hundredths of a pixel cannot be seen.
const rounded = (pixels: number) => Math.round(pixels * 100) / 100;

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
