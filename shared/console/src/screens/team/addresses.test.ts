import { expect, test } from "vitest";
import { readAddresses } from "./addresses.ts";

test.each([
  ["", [], []],
  ["  \n ,; \n", [], []],
  ["zoe@example.com", ["zoe@example.com"], []],
  [
    "zoe@example.com\nkim@example.com\r\nida@example.com",
    ["zoe@example.com", "kim@example.com", "ida@example.com"],
    [],
  ],
  [
    "a@example.com, b@example.com; c@example.com d@example.com",
    ["a@example.com", "b@example.com", "c@example.com", "d@example.com"],
    [],
  ],
  ["Zoe Miller <zoe@example.com>, <kim@example.com>", ["zoe@example.com", "kim@example.com"], []],
  ["Zoe@Example.com\nzoe@example.com", ["Zoe@Example.com"], []],
  ["zoe\nkim@example.com", ["kim@example.com"], ["zoe"]],
  ["Zoe Miller\nzoe@", [], ["Zoe Miller", "zoe@"]],
  ["Zoe <>", [], ["Zoe <>"]],
  ["a@b@c", [], ["a@b@c"]],
  ["<script>alert(1)</script>@x", [], ["<script>alert(1)</script>@x"]],
])("%j", (text, addresses, others) => {
  expect(readAddresses(text)).toEqual({ addresses, others });
});
