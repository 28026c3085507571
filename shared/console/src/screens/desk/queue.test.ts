import { expect, test } from "vitest";
import { nextOf, queueOf, type Row } from "./queue.ts";

const row = (ticket: string, age_minutes: number, more: Partial<Row> = {}): Row => ({
  ticket,
  state: "requested",
  role: "support",
  profile: { id: "01a20c000000000000000001", name: "Plant" },
  email: "ben@example.com",
  reverts: null,
  created_at: "2026-03-01T00:00:00.000Z",
  expires_at: "2026-03-08T00:00:00.000Z",
  ended_at: null,
  turn: ["support"],
  target_minutes: 240,
  late: false,
  age_minutes,
  ...more,
});

const rows = [row("A", 300, { turn: ["source"] }), row("B", 250, { late: true }), row("C", 10), row("D", 900)];
const names = (found: readonly Row[]) => found.map(({ ticket }) => ticket).join("");

test("late ones come first, then the oldest", () => {
  expect(names(queueOf(rows, "all"))).toBe("BDAC");
});

test("a filter shows what waits for support, or what is late", () => {
  expect([names(queueOf(rows, "support")), names(queueOf(rows, "late"))]).toEqual(["BDC", "B"]);
});

test("the next one is the first that waits for support, and never the same again", () => {
  expect([nextOf(rows, "B")?.ticket, nextOf(rows, "C")?.ticket, nextOf([row("A", 1)], "A")]).toEqual([
    "D",
    "B",
    undefined,
  ]);
});
