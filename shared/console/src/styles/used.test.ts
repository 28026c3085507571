/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" });
const sources = files
  .filter((file) => /(?<!\.test|\.d)\.tsx?$/.test(file))
  .map((file) => ({ folder: dirname(file), text: readFileSync(join("src", file), "utf8") }));

// The classes of a stylesheet: what begins with a dot before the braces of a
// rule.
const classesOf = (sheet: string) =>
  new Set(
    [...sheet.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/\.([a-z]\w*)(?=[^{};]*\{)/gi)].map(([, name = ""]) => name),
  );

// has says whether a component takes a class from a stylesheet: by its name, or
// by a key whose values are written in its folder.
function has(sheet: string, name: string): boolean {
  return sources.some(({ folder, text }) => {
    const found = [...text.matchAll(/import (\w+) from "([^"]+\.module\.css)"/g)];
    const [, styles] = found.find(([, , path = ""]) => join(folder, path) === sheet) ?? [];
    if (!styles) return false;
    if (new RegExp(`\\b${styles}\\.${name}\\b`).test(text)) return true;
    const [, prefix] = new RegExp(`\\b${styles}\\[(?:\`(\\w+)\\$)?`).exec(text) ?? [undefined, undefined];
    if (prefix) return new RegExp(`^${prefix}\\d+$`).test(name);
    return (
      text.includes(`${styles}[`) && sources.some((one) => one.folder === folder && one.text.includes(`"${name}"`))
    );
  });
}

test("icons have sizes that grow with the text", () => {
  const icons = sources.flatMap(({ text }) => text.match(/<(?!Monogram\b)[A-Z]\w* [^<>]*\bsize=\S+/g) ?? []);
  expect(icons.length).toBeGreaterThan(30);
  expect(icons.filter((icon) => !/size="[\d.]+rem"$/.test(icon))).toEqual([]);
});

test("every class of a stylesheet is one that a component has", () => {
  const sheets = files.filter((file) => file.endsWith(".module.css"));
  expect(sheets.length).toBeGreaterThan(20);
  const unused = sheets.flatMap((file) =>
    [...classesOf(readFileSync(join("src", file), "utf8"))]
      .filter((name) => !has(file, name))
      .map((name) => `${file}: .${name}`),
  );
  expect(unused).toEqual([]);
});
