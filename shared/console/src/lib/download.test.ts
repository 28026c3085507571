// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { csv, download } from "./download.ts";

test("texts of a file stay one value each, and run nowhere", () => {
  expect(
    csv([
      ["time", "input"],
      ['a "name", with\na line', 1.5],
      ["=SUM(A1)", null],
    ]),
  ).toBe('time,input\r\n"a ""name"", with\na line",1.5\r\n\'=SUM(A1),\r\n');
});

test("a file is of the kind that is asked for, a table without one", () => {
  const made = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
  download("a.csv", "a,b");
  download("codes.txt", "one", "text");
  expect(made.mock.calls.map(([file]) => (file as Blob).type)).toEqual([
    "text/csv;charset=utf-8",
    "text/plain;charset=utf-8",
  ]);
});
