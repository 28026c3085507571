import { readFileSync } from "node:fs";

const declared =
  /const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*(?:id: "[^"]*",\s*)?(?:path: "([^"]*)")?/g;

/**
 * The addresses that the router of the console knows, as it writes them:
 * "/p/$profile/team".
 */
export function routes(): string[] {
  const source = readFileSync(new URL("../../src/router.tsx", import.meta.url), "utf8");
  const all = new Map(
    [...source.matchAll(declared)].map(([, name = "", parent = "", path]) => [name, { parent, path }]),
  );
  const made = source.match(/createRoute\(/g)?.length ?? 0;
  if (all.size < 5 || all.size !== made)
    throw new Error(`src/router.tsx makes ${made} routes, of which ${all.size} are as this test reads them`);
  const parents = new Set([...all.values()].map(({ parent }) => parent));
  const whole = (name: string): string => {
    const { parent, path = "" } = all.get(name) ?? { parent: "", path: "" };
    return parent ? whole(parent) + (path === "/" ? "" : path) : "";
  };
  return [...all.keys()].filter((name) => !parents.has(name)).map((name) => whole(name) || "/");
}
