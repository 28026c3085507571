// Compares the compressed sizes of the built console with budgets.json. A page loads the files of index.html and all that its chunks import.
// A chunk has the name of the module that is loaded dynamically. It is an error if a budget names a chunk that the build does not have.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

const built = process.argv[2] ?? "dist/console";
const budgets = JSON.parse(readFileSync("budgets.json", "utf8"));

// The build keeps of each text what is sent: it in .br and in .gz.
const files = new Map();
for (const sent of readdirSync(built, { recursive: true })) {
  const path = sent.replace(/[.]br$/, "");
  if (path === sent || !/[.](js|css|html|svg)$/.test(path)) continue;
  const [brotli, gzip] = [".br", ".gz"].map((kind) => readFileSync(join(built, path + kind)));
  files.set(path, { text: brotliDecompressSync(brotli).toString(), brotli: brotli.length, gzip: gzip.length });
}

const named = (path) => basename(path).replace(/-[\w-]{8}[.]\w+$/, "");
const scripts = [...files.keys()].filter((path) => path.endsWith(".js"));

// imports are the scripts that one needs before it runs, with theirs; dynamic ones are loaded by themselves.
function withImports(path, all = new Set()) {
  if (all.has(path)) return all;
  all.add(path);
  const text = files.get(path)?.text;
  if (text === undefined) throw new Error(`${path} is imported, and not there`);
  for (const [, to] of text.matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[\w*{}$,\s]+?\s*from\s*)?"(\.\.?\/[^"]+[.]js)"/g,
  )) {
    withImports(join(dirname(path), to), all);
  }
  return all;
}

const lines = [];
let over = 0;
function hold(what, kind, bytes, most) {
  const kb = bytes / 1000;
  if (kb > most) over++;
  lines.push(
    `${kb > most ? "OVER " : "     "}${what.padEnd(44)} ${kb.toFixed(1).padStart(7)} of ${String(most).padStart(4)} KB ${kind}`,
  );
}
const sum = (paths, kind) => [...paths].reduce((total, path) => total + files.get(path)[kind], 0);

const index = files.get("index.html");
if (!index) throw new Error(`${built} has no index.html: run make console`);
const entry = new Set();
for (const [, path] of index.text.matchAll(/(?:src|href)="\/console\/([^"]+[.]js)"/g))
  for (const one of withImports(path)) entry.add(one);
if (entry.size === 0) throw new Error("index.html loads no script");

const chunkNamed = (name) => {
  const found = scripts.filter((path) => named(path) === name);
  if (found.length !== 1) throw new Error(`${found.length} chunks are called ${name}, which budgets.json names`);
  return found[0];
};
for (const [page, { chunks, ...most }] of Object.entries(budgets.pages)) {
  const all = new Set(entry);
  for (const name of chunks) for (const one of withImports(chunkNamed(name))) all.add(one);
  for (const [kind, limit] of Object.entries(most))
    hold(`the first page, ${page}: ${all.size} scripts`, kind, sum(all, kind), limit);
}
const shared = new Set([...entry, ...budgets.shared.map(chunkNamed)]);
const own = scripts.filter((path) => !shared.has(path)).sort((a, b) => files.get(b).brotli - files.get(a).brotli);
for (const path of own) hold(`the chunk ${named(path)}`, "brotli", files.get(path).brotli, budgets.chunk.brotli);
hold(
  "all styles",
  "brotli",
  sum(
    [...files.keys()].filter((path) => path.endsWith(".css")),
    "brotli",
  ),
  budgets.css.brotli,
);
hold(
  `all ${scripts.length} scripts and styles`,
  "brotli",
  sum(
    [...files.keys()].filter((path) => /[.](js|css)$/.test(path)),
    "brotli",
  ),
  budgets.all.brotli,
);

console.log(lines.join("\n"));
if (over > 0) {
  console.error(`${over} sizes are over their budgets`);
  process.exit(1);
}
