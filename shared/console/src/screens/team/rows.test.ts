import { expect, test } from "vitest";
import { countsOf, type Row, takesPlace } from "./rows.ts";

const row = (state: Row["state"]): Row => ({
  id: state,
  active: state === "active",
  name: "",
  email: "someone@example.com",
  permission: "read",
  created_at: "2030-03-14T09:26:53.589Z",
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
