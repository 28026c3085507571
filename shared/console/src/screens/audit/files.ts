import { isCode } from "../../api/faults.ts";
import type { Span } from "./span.ts";

export type Format = "csv" | "ndjson";

/** Fetches one window of the log as a file. */
export type Fetch = (window: Span) => Promise<string>;

/**
 * filesOf fetches the windows of a span and returns their files as one, oldest
 * first. A window with more entries than a file may have is halved, as often as
 * it takes.
 */
export async function filesOf(windows: readonly Span[], fetch: Fetch): Promise<string[]> {
  const texts: string[] = [];
  const oldestFirst = [...windows].sort((a, b) => a.from - b.from);
  for (const window of oldestFirst) texts.push(...(await halved(window, fetch)));
  return texts;
}

async function halved(window: Span, fetch: Fetch): Promise<string[]> {
  try {
    return [await fetch(window)];
  } catch (error) {
    const middle = Math.floor((window.from + window.to) / 2);
    if (!isCode(error, "answer_too_large") || middle <= window.from) throw error;
    return [
      ...(await halved({ from: window.from, to: middle }, fetch)),
      ...(await halved({ from: middle, to: window.to }, fetch)),
    ];
  }
}

const mark = "\uFEFF";

/** joined puts files of one kind together. The head of a table stays once. */
export function joined(format: Format, texts: readonly string[]): string {
  if (format === "ndjson") return texts.join("");
  const bodies = texts.map((text) => (text.startsWith(mark) ? text.slice(1) : text));
  const head = bodies[0]?.slice(0, bodies[0].indexOf("\n") + 1) ?? "";
  return mark + head + bodies.map((body) => body.slice(body.indexOf("\n") + 1)).join("");
}
