import { existsSync } from "node:fs";

// Chromium without windows comes first. It shows the page in the same way, with
// less than half of the work.
const places = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** The browser to use: the one that CHROME names, or an installed one. */
export function chromium(): string {
  const path = process.env["CHROME"] || places.find((place) => existsSync(place));
  if (!path) throw new Error(`there is no Chromium at ${places.join(", ")}: install one, or name it in CHROME`);
  return path;
}
