/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// Biome forbids texts between tags; these are the properties whose value a person reads.
const read =
  /\b(label|title|lead|hint|placeholder|alt|text|action|done|aria-label|aria-description)=(?:"[^"]*[A-Za-z]|\{[`"'])/;

test("texts that people read stand in src/messages", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".tsx") && !file.endsWith(".test.tsx"),
  );
  expect(sources.length).toBeGreaterThan(20);
  const found = sources.flatMap((file) =>
    readFileSync(join("src", file), "utf8")
      .split("\n")
      .filter((line) => read.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
