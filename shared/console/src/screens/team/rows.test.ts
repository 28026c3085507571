import { expect, test } from "vitest";
import { countsOf, lastDayOf, type Row, takesPlace } from "./rows.ts";

const row = (state: Row["state"]): Row => ({
  id: state,
  active: state === "active",
  name: "",
  email: "someone@example.com",
  permission: "read",
  created_at: "2030-03-14T09:26:53.589Z",
  ends_at: null,
  state,
  expires_at: null,
  mailed_at: null,
  returned: null,
});

test("an invitation whose time is over is neither counted nor takes a place", () => {
  const rows = (["active", "open", "expired", "expired"] as const).map(row);
  expect(rows.map(takesPlace)).toEqual([true, true, false, false]);
  expect(countsOf(rows)).toEqual({ members: 1, invitations: 1 });
  expect(countsOf([])).toEqual({ members: 0, invitations: 0 });
});

test("the last day of a membership is where the person is", () => {
  const format = (timeZone: string) => ({
    dayOf: (when: string | number | Date) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(when)),
  });
  const until = { ...row("active"), ends_at: "2030-03-14T15:00:00.000Z" };
  expect(lastDayOf(until, format("Asia/Tokyo"))).toBe("2030-03-14");
  expect(lastDayOf(until, format("UTC"))).toBe("2030-03-14");
  expect(lastDayOf(row("active"), format("UTC"))).toBe("");
});
