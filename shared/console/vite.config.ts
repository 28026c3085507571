import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US"] }), enforce: "pre" }, compress()],
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
            { debugName: "frame", name: (id, modules) => only("frame", partOf(id, modules)) },
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
    environment: "happy-dom",
    environmentOptions: { happyDOM: { url: "http://localhost:3000/console/" } },
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});

// What is loaded before a person has signed in is one file, app; what the screens behind it share is one more, frame; each screen has its own.
const frame =
  /\/src\/(kit\/(?!NumberField|Choices|Segments|TypedConfirm)|shell\/|lib\/|api\/|session\/|messages\/)|\/src\/screens\/notifications\/NotificationList|\/node_modules\/(?!d3|uqr|internmap|.*(ComboBox|combobox|NumberField|[nN]umberfield|spinbutton|Radio|radio|ToggleButton))/;
const ofScreens = /\/src\/messages\/en\/(?!common|shell|services|notifications|proof|reasons|session)/;

type Modules = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

const only = (wanted: string, part: string | null) => (part === wanted ? part : null);

let app: Set<string> | undefined;

function partOf(id: string, modules: Modules): string | null {
  if (!app) {
    app = new Set();
    const open = [join(import.meta.dirname, "src/main.tsx")];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (app.has(next)) continue;
      app.add(next);
      open.push(...(modules.getModuleInfo(next)?.importedIds ?? []));
    }
  }
  if (app.has(id)) return "app";
  return frame.test(id) && !ofScreens.test(id) ? "frame" : null;
}

// compress writes .br and .gz beside each text, as API Gateway compresses nothing. The folder keeps the file that Go embeds on a fresh clone.
function compress(): Plugin {
  const brotli = promisify(brotliCompress);
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
        await writeFile(`${path}.br`, await brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        await writeFile(`${path}.gz`, await gzipped(text, { level: 9 }));
        // The service unpacks for a client that takes neither, so that the binary carries each text twice and not three times.
        if (file !== "index.html") await rm(path);
      }
    },
  };
}
