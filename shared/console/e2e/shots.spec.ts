import { fileURLToPath } from "node:url";
import { nora, omar, type Person, profilesOf, sam, tokenOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { done } from "./lib/stack.ts";
import { test } from "./lib/test.ts";

const folder = fileURLToPath(new URL("../../../docs/screenshots/", import.meta.url));

type Shot = {
  name: string;
  as?: Person;
  path: (world: { profile: string; ticket: string }) => string;
  dark?: true;
  narrow?: true;
};

const profile = (page: string) => (world: { profile: string }) => `/console/p/${world.profile}${page}`;

// The screens of the documents, with the demo data of a fresh stack.
const shots: Shot[] = [
  { name: "sign-in", path: () => "/console/sign-in" },
  { name: "profiles", as: nora, path: () => "/console/profiles" },
  { name: "profiles-dark", as: nora, path: () => "/console/profiles", dark: true },
  { name: "profiles-narrow", as: nora, path: () => "/console/profiles", narrow: true },
  { name: "general", as: nora, path: profile("") },
  { name: "general-narrow-dark", as: nora, path: profile(""), narrow: true, dark: true },
  { name: "tokens", as: nora, path: profile("/tokens") },
  { name: "profile-statistics", as: nora, path: profile("/statistics") },
  { name: "cost", as: nora, path: () => "/console/statistics" },
  { name: "allocation", as: nora, path: () => "/console/allocation" },
  { name: "notifications", as: nora, path: () => "/console/notifications" },
  { name: "transfer", as: omar, path: ({ ticket }) => `/console/transfers/${ticket}` },
  { name: "desk", as: sam, path: () => "/console/desk" },
  { name: "desk-ticket", as: sam, path: ({ ticket }) => `/console/desk/${ticket}` },
];

test("screenshots", async ({ seat, network }) => {
  test.setTimeout(180_000);
  const token = await tokenOf(nora);
  const [transfer] = await done<{ ticket: string }[]>("GET", "/transfer", undefined, token);
  // The picture does not show its preparation.
  await done("DELETE", `/profile/current/token/${token}`, undefined, token);
  const greenhouse = (await profilesOf(nora)).find(({ name }) => name === "Demo greenhouse");
  const world = { profile: greenhouse?.id ?? "", ticket: transfer?.ticket ?? "" };
  for (const { name, as, path, dark, narrow } of shots) {
    const page = await seat(as);
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
    await page.setViewportSize(narrow ? { width: 390, height: 844 } : { width: 1280, height: 800 });
    await page.goto(path(world));
    await settled(page, network);
    await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled" });
  }
});
