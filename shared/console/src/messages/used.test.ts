/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const modules = import.meta.glob<Record<string, unknown>>("./en/*.ts", { eager: true });

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text or a tree of texts, and where it stands, such as "common.save". */
type Place = { value: unknown; path: string };

const child = ({ value, path }: Place, key: string): Place => ({
  value: isTree(value) ? value[key] : undefined,
  path: `${path}.${key}`,
});
const textsOf = (place: Place): string[] =>
  isTree(place.value) ? Object.keys(place.value).flatMap((key) => textsOf(child(place, key))) : [place.path];

/**
 * Names the texts that a source reaches by the names that it has for them. A tree that is read by a key which only the program knows, or that
 * is handed on, is used as a whole.
 */
function used(source: ts.SourceFile, names: Map<string, Place>): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeQueryNode(node)) return;
    const place = ts.isIdentifier(node) && isValue(node) ? names.get(node.text) : undefined;
    if (place) reach(node, place);
    node.forEachChild(visit);
  };
  const reach = (node: ts.Node, place: Place): void => {
    const { parent } = node;
    if (!isTree(place.value)) found.push(place.path);
    else if (ts.isPropertyAccessExpression(parent)) reach(parent, child(place, parent.name.text));
    else if (ts.isElementAccessExpression(parent) && ts.isStringLiteral(parent.argumentExpression))
      reach(parent, child(place, parent.argumentExpression.text));
    else if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) names.set(parent.name.text, place);
    else if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name))
      for (const { name, propertyName = name } of parent.name.elements) {
        const one = child(place, propertyName.getText(source));
        if (ts.isIdentifier(name) && isTree(one.value)) names.set(name.text, one);
        else found.push(...textsOf(one));
      }
    else found.push(...textsOf(place));
  };
  visit(source);
  return found;
}

// isValue says whether a name stands for what it names: it is not the name of a property, and not the place that makes it.
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isVariableDeclaration(parent)) return parent.initializer === node;
  return !(ts.isPropertyAssignment(parent) && parent.name === node) && !ts.isBindingElement(parent);
}

// imports returns the texts that a source has, by its own names for them.
function imports(source: ts.SourceFile): Map<string, Place> {
  const names = new Map<string, Place>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const file = statement.moduleSpecifier.text;
    const bindings = statement.importClause?.namedBindings;
    if (!/messages\/en\/|^\.\/\w+\.ts$/.test(file) || !bindings || !ts.isNamedImports(bindings)) continue;
    const texts = modules[`./en/${basename(file)}`];
    for (const { name, propertyName = name } of bindings.elements)
      if (texts && propertyName.text in texts) names.set(name.text, of(file, propertyName.text));
  }
  return names;
}

const of = (file: string, name: string): Place => ({
  value: modules[`./en/${basename(file)}`]?.[name],
  path: `${basename(file, ".ts")}: ${name}`,
});

test("every text is one that the console shows", () => {
  const all = Object.entries(modules).flatMap(([file, texts]) =>
    Object.keys(texts).flatMap((name) => textsOf(of(file, name))),
  );
  const shown = new Set<string>();
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?<!\.test|\.d)\.tsx?$/.test(file),
  );
  for (const file of sources) {
    const text = readFileSync(join("src", file), "utf8");
    if (!/messages.en/.test(file + text)) continue;
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const names = imports(source);
    // Texts use others of their own module, too.
    if (file.startsWith("messages"))
      for (const name of Object.keys(modules[`./en/${basename(file)}`] ?? {})) names.set(name, of(file, name));
    for (const path of used(source, names)) shown.add(path);
  }
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter((path) => !shown.has(path))).toEqual([]);
}, 60_000);
