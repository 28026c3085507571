import { defineConfig } from "@playwright/test";
import { chromium } from "./e2e/lib/chromium.ts";

const launchOptions = {
  executablePath: chromium(),
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"],
};

// A page of a test lives for some seconds. To optimize its scripts takes more
// time than it saves. Measurements are of a browser as people have it.
const unoptimized = { ...launchOptions, args: [...launchOptions.args, "--js-flags=--no-opt --no-maglev"] };

// One stack, one browser: each test has people and profiles of its own, so that tests need no order.
export default defineConfig({
  testDir: "e2e",
  outputDir: "build/e2e",
  snapshotPathTemplate: "e2e/snapshots/{arg}{ext}",
  workers: 2,
  forbidOnly: true,
  // How long a machine takes that has other work is no fault of the console: these only end what would wait for ever.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: [["list"]],
  projects: [
    { name: "checks", testIgnore: ["shots.spec.ts", "bench.spec.ts"] },
    { name: "shots", testMatch: "shots.spec.ts" },
    { name: "bench", testMatch: "bench.spec.ts", use: { launchOptions } },
  ],
  use: {
    headless: true,
    actionTimeout: 60_000,
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1280, height: 900 },
    trace: "off",
    launchOptions: unoptimized,
  },
});
