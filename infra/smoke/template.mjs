// The functions and routes of template.yaml. The file is generated, so that all
// of them have the same form.

import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../../template.yaml", import.meta.url), "utf8");

// roles are the roles of the functions, by the names of operations.
const roles = new Map(
  [...text.matchAll(/CodeUri: dist\/fn\/([a-z-]+)\/\n\s+Role: !GetAtt (\w+)Role\.Arn/g)].map(
    ([, operation, role]) => [operation, role],
  ),
);

const kebab = (id) => id.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

// routes are {method, path, operation}; a method is ANY where it is declared
// for all, as for GET.
export const routes = [];
for (const [, path, block] of text.matchAll(/^ {10}"?(\/[^"\s]*?)"?:\n((?: {12}.*\n)+)/gm)) {
  const methods = block.matchAll(/^ {12}([a-z-]+): \{.*\$\{(\w+)Function\.Arn\}/gm);
  for (const [, method, id] of methods) {
    const any = method === "x-amazon-apigateway-any-method";
    routes.push({ method: any ? "ANY" : method.toUpperCase(), path, operation: kebab(id) });
  }
}
if (routes.length < 100 || roles.size < 100)
  throw new Error(
    `template.yaml: found ${routes.length} routes and ${roles.size} functions: its form has changed`,
  );

// operationOf is the operation to which a request goes.
export function operationOf(method, path) {
  const [parts, wanted] = [path.split("?")[0].split("/"), [method, "ANY"]];
  const fits = (route) => {
    const names = route.path.split("/");
    return names.length === parts.length && names.every((n, i) => n[0] === "{" || n === parts[i]);
  };
  const found = routes.filter((route) => wanted.includes(route.method) && fits(route));
  // A path with fewer parameters says more.
  const parameters = ({ path }) => path.split("{").length;
  return found.sort((a, b) => parameters(a) - parameters(b))[0]?.operation;
}

export const roleOf = (operation) => roles.get(operation);

// keyedRoles are the roles of the operations that remember requests with an
// Idempotency-Key, each with its operations: those that have a route for
// another method than GET. Each is a shape of rights.
export function keyedRoles() {
  const found = new Map();
  for (const { method, operation } of routes) {
    if (method === "ANY" || method === "GET") continue;
    const role = roleOf(operation);
    found.set(role, [...new Set([...(found.get(role) ?? []), operation])]);
  }
  return found;
}

const byDefault = (parameter) =>
  Number(text.match(new RegExp(`^  ${parameter}:\\n    Type: Number\\n    Default: (\\d+)`, "m"))[1]);

// openLimit is how many requests each route takes that takes no credential.
export const openLimit = {
  rate: byDefault("OpenRequestRate"),
  burst: byDefault("OpenRequestBurst"),
};

// slashed are the routes whose path SDKs send with a slash at the end.
export const slashed = routes
  .filter(({ path }) => path.endsWith("/{proxy+}"))
  .map(({ method, path }) => ({
    method: method === "ANY" ? "GET" : method,
    path: path.slice(0, -"{proxy+}".length),
  }));
