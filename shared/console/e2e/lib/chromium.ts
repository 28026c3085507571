import { existsSync } from "node:fs";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser to drive: the one that CHROME names, or one that is installed. */
export function chromium(): string {
  const path = process.env["CHROME"] || places.find((place) => existsSync(place));
  if (!path) throw new Error(`there is no Chromium at ${places.join(", ")}: install one, or name it in CHROME`);
  return path;
}
