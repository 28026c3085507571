import { expect, test } from "vitest";
import { csv } from "./download.ts";

test("texts of a file stay one value each, and run nowhere", () => {
  expect(
    csv([
      ["time", "input"],
      ['a "name", with\na line', 1.5],
      ["=SUM(A1)", null],
    ]),
  ).toBe('time,input\r\n"a ""name"", with\na line",1.5\r\n\'=SUM(A1),\r\n');
});
