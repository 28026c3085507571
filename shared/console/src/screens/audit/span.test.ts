import { expect, test } from "vitest";
import { readSearch } from "./search.ts";
import { dayOf, dayStart, isFiltered, pattern, queryOf, spanOf, windowsOf } from "./span.ts";

const iso = (at: number) => new Date(at).toISOString();
const now = Date.parse("2030-03-14T09:26:53.589Z");
const day = 86_400_000;

test("days begin where the reader is, also when clocks change", () => {
  expect(iso(dayStart("2030-03-14", "UTC"))).toBe("2030-03-14T00:00:00.000Z");
  expect(iso(dayStart("2030-03-14", "America/Los_Angeles"))).toBe("2030-03-14T07:00:00.000Z");
  expect(iso(dayStart("2030-03-31", "Europe/Berlin"))).toBe("2030-03-30T23:00:00.000Z");
  expect(iso(dayStart("2030-04-01", "Europe/Berlin"))).toBe("2030-03-31T22:00:00.000Z");
  expect(iso(dayStart("2030-10-28", "Europe/Berlin"))).toBe("2030-10-27T23:00:00.000Z");
  expect(iso(dayStart("2030-03-14", "Pacific/Kiritimati"))).toBe("2030-03-13T10:00:00.000Z");
  // Chile has no midnight on the day on which summer time begins.
  expect(iso(dayStart("2026-09-06", "America/Santiago"))).toBe("2026-09-06T04:00:00.000Z");
});

test("each day has an end, and the next one begins there", () => {
  for (const zone of ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]) {
    for (let at = Date.parse("2026-01-01T12:00:00Z"); at < Date.parse("2027-01-01T00:00:00Z"); at += day) {
      const date = iso(at).slice(0, 10);
      const start = dayStart(date, zone);
      expect(dayOf(start, zone), `${date} in ${zone}`).toBe(date);
      expect(dayOf(start - 1, zone), `before ${date} in ${zone}`).toBe(iso(at - day).slice(0, 10));
    }
  }
});

test("an address becomes a span", () => {
  const span = (search: Record<string, unknown>, zone = "UTC") => {
    const { from, to } = spanOf(readSearch(search), zone, now);
    return `${iso(from)} ${iso(to)}`;
  };
  expect(span({})).toBe("2030-03-07T09:26:53.589Z 2030-03-14T09:26:53.589Z");
  expect(span({ from: "30d" })).toBe("2030-02-12T09:26:53.589Z 2030-03-14T09:26:53.589Z");
  expect(span({ from: "2030-03-01", to: "2030-03-10" })).toBe("2030-03-01T00:00:00.000Z 2030-03-11T00:00:00.000Z");
  expect(span({ from: "2030-03-01", to: "2030-03-10" }, "Europe/Berlin")).toBe(
    "2030-02-28T23:00:00.000Z 2030-03-10T23:00:00.000Z",
  );
  expect(span({ to: "2030-03-10T12:00:00Z" })).toBe("2030-03-03T12:00:00.000Z 2030-03-10T12:00:00.000Z");
  // A start after the end, and one before all entries that are kept.
  expect(span({ from: "2030-03-12", to: "2030-03-01" })).toBe("2030-03-01T23:59:59.999Z 2030-03-02T00:00:00.000Z");
  expect(span({ from: "1999-01-01" })).toBe("2029-09-09T09:26:53.589Z 2030-03-14T09:26:53.589Z");
});

test("what an address cannot mean is left out", () => {
  expect(readSearch({ from: "soon", to: "2030-02-30x", who: "", what: 7, zone: "mars", entry: "x", find: [] })).toEqual(
    { from: undefined, to: undefined, who: undefined, what: "7", zone: undefined, entry: undefined, find: undefined },
  );
  expect(readSearch({ entry: "1899710813589-01ba4f969595ce25a962b921" }).entry).toBeDefined();
});

test("a span is asked for in windows of a week without gap or overlap, newest first", () => {
  const windows = windowsOf({ from: now - 30 * day, to: now });
  expect(windows).toHaveLength(5);
  expect(windows[0]?.to).toBe(now);
  expect(windows.at(-1)).toEqual({ from: now - 30 * day, to: now - 28 * day });
  for (const [at, { from }] of windows.entries()) expect(windows[at + 1]?.to ?? from).toBe(from);
  expect(windowsOf({ from: now - 7 * day, to: now })).toHaveLength(1);
});

test("filters are those of the API", () => {
  expect(queryOf({ what: "token/01ba", find: " rotated " })).toEqual({
    resourceName: "token",
    resourceID: "01ba",
    find: "*rotated*",
  });
  expect(queryOf({ what: "team", who: "abc" })).toEqual({ resourceName: "team", who: "abc" });
  expect(queryOf({})).toEqual({});
  expect(pattern("Token*")).toBe("Token*");
  expect(isFiltered({ from: "30d" })).toBe(false);
  expect(isFiltered({ find: "x" })).toBe(true);
});
