import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const built = "dist/console";

// The paths of the API, which `make run` serves at its address while Vite serves the page.
const api =
  "^/(account|analysis|billing|desk|docs|info|logo|notification|pricing|profile|status|token|transfer)([/?]|$)" +
  "|^/openapi[.]json|^/console/session([/?]|$)";

export default defineConfig({
  base: "/console/",
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US"] }), enforce: "pre" }, oneFirst(), compress()],
  build: {
    outDir: built,
    target: ["chrome125", "firefox128", "safari17.5"],
    // Every file is one that can be kept for a year; nothing is put into the document, whose policy has no data: but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One file: it is small, and no screen waits for a second one.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { debugName: "app", name: (id, modules) => only("app", partOf(id, modules)), priority: 1 },
            { debugName: "outside", name: (id, modules) => only("outside", partOf(id, modules)) },
            { debugName: "frame", name: (id, modules) => only("frame", partOf(id, modules)) },
            { debugName: "kit", name: (id, modules) => only("kit", partOf(id, modules)) },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    // The browser's address stays the host of the request, as a session wants Origin and Host to be one.
    proxy: { [api]: { target: process.env["API"] ?? "http://127.0.0.1:3000", changeOrigin: false } },
  },
  test: {
    // A test that needs a page says so in its first line.
    environment: "node",
    environmentOptions: { happyDOM: { url: "http://localhost:3000/console/" } },
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});

// The file app has the modules of the sign-in page, and the file outside those that the other pages for signed-out people need besides. The
// file frame has those of the first screen after the sign-in. The file kit has those that other screens share and that open over them. Each
// screen also has a file of its own.
const kit =
  /\/src\/(kit\/(?!NumberField|RadioGroup|Segments|TypedConfirm)|shell\/|lib\/|api\/|session\/|messages\/)|\/src\/screens\/notifications\/NotificationList|\/node_modules\/(?!d3|uqr|internmap|.*(ComboBox|combobox|NumberField|[nN]umberfield|spinbutton|Radio|radio|ToggleButton))/;
const ofScreens = /\/src\/messages\/en\/(?!common|shell|services|notifications|proof|reasons|session)/;

type Modules = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

const only = (wanted: string, part: string | null) => (part === wanted ? part : null);

const needed = new Map<string, Set<string>>();

// neededBy returns what modules need before they run, with what that needs.
function neededBy(modules: Modules, ...names: string[]): Set<string> {
  const known = needed.get(names.join());
  if (known) return known;
  const all = new Set<string>();
  const open = names.map((name) => join(import.meta.dirname, "src", name));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // A module that exports everything does not need everything: single exports have no modules of their own.
    if (all.has(next) || next.includes("react-aria-components/dist/exports/index")) continue;
    all.add(next);
    open.push(...(modules.getModuleInfo(next)?.importedIds ?? []));
  }
  needed.set(names.join(), all);
  return all;
}

function partOf(id: string, modules: Modules): string | null {
  if (neededBy(modules, "main.tsx").has(id)) return "app";
  const inside = neededBy(modules, "shell/Shell.tsx", "shell/Profile.tsx", "screens/home/Home.tsx").has(id);
  if (
    neededBy(modules, "screens/mail/Mail.tsx", "screens/sign-up/SignUp.tsx", "screens/forgotten/Forgotten.tsx").has(id)
  )
    return inside ? "app" : "outside";
  if (inside) return "frame";
  return kit.test(id) && !ofScreens.test(id) ? "kit" : null;
}

// oneFirst moves what the bundler needs for itself, which it keeps in a script apart, into app, which every page loads first: no page waits for a
// file of some hundred bytes. The others take it from there.
function oneFirst(): Plugin {
  const exported = /export\{([^}]*)\};?\s*$/;
  // The names of { a as b, c }, as the one side and the other have them.
  const pairs = (names: string) =>
    names.split(",").map((name) => {
      const [from = "", to = from] = name.trim().split(" as ");
      return { from, to };
    });
  return {
    name: "one-first",
    apply: "build",
    enforce: "post",
    // The names of scripts depend on this setting, too: browsers keep scripts for a year.
    augmentChunkHash: () => String(oneFirst),
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const small = chunks.find(({ name }) => name === "rolldown-runtime");
      const app = chunks.find(({ name }) => name === "app");
      const offered = small && exported.exec(small.code)?.[1];
      if (!small || !app || !offered) throw new Error("the bundler's own script or app is not there as expected");
      const [file, first] = [small, app].map(({ fileName }) => basename(fileName)) as [string, string];
      const importing = new RegExp(`import\\{([^}]*)\\}from"\\./${file}";?`, "g");
      const name = (to: string) => `bundler_${to}`;
      for (const chunk of chunks) {
        if (chunk === small) continue;
        chunk.code = chunk.code.replace(importing, (_all, names: string) =>
          chunk === app
            ? pairs(names)
                .map(({ from, to }) => `const ${to}=${name(from)};`)
                .join("")
            : `import{${pairs(names)
                .map(({ from, to }) => `${name(from)} as ${to}`)
                .join(",")}}from"./${first}";`,
        );
        chunk.code = chunk.code.replaceAll(`"assets/${file}"`, `"assets/${first}"`);
        if (chunk.code.includes(file)) throw new Error(`${chunk.fileName} has ${file} in a way that is not known`);
      }
      const own = pairs(offered);
      app.code =
        `const{${own.map(({ to }) => `${to}:${name(to)}`).join(",")}}=(()=>{` +
        small.code.replace(exported, `return{${own.map(({ from, to }) => `${to}:${from}`).join(",")}}`) +
        `})();${app.code}\nexport{${own.map(({ to }) => name(to)).join(",")}};`;
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("index.html is not there");
      page.source = page.source.toString().replace(new RegExp(`\\s*<[^>]*${file}[^>]*>(</script>)?`), "");
      delete bundle[small.fileName];
    },
  };
}

// compress writes .br and .gz beside each text, as API Gateway compresses nothing. The folder keeps the file that Go embeds on a fresh clone.
function compress(): Plugin {
  const brotli = promisify(brotliCompress);
  // The most that it can, in blocks that are as large as they may be.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGBLOCK]: 24 };
  const gzipped = promisify(gzip);
  return {
    name: "compress",
    apply: "build",
    async closeBundle() {
      await writeFile(join(built, ".keep"), "");
      for (const file of await readdir(built, { recursive: true })) {
        if (!/[.](html|js|css|svg|json|txt|webmanifest)$/.test(file)) continue;
        const path = join(built, file);
        const text = await readFile(path);
        await writeFile(`${path}.br`, await brotli(text, { params }));
        await writeFile(`${path}.gz`, await gzipped(text, { level: 9 }));
        // The service unpacks for a client that takes neither, so that the binary carries each text twice and not three times.
        if (file !== "index.html") await rm(path);
      }
    },
  };
}
