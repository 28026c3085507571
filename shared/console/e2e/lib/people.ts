import { randomBytes } from "node:crypto";
import { done, lastMail, linkOf } from "./stack.ts";

export type Person = { name: string; email: string; password: string };

/** The password of the demo accounts. */
export const demoPassword = "demo lantern otter";

const demo = (name: string): Person => ({ name, email: `${name.toLowerCase()}@example.com`, password: demoPassword });

/** People of the demo: Nora has weeks behind her, Omar shares with her, Sam is of the support desk. */
export const nora = demo("Nora");
export const omar = demo("Omar");
export const sam = demo("Sam");

/** Somebody who has no account yet. */
export function somebody(name: string): Person {
  return {
    name,
    email: `${randomBytes(5).toString("hex")}@example.com`,
    password: `granite ${randomBytes(4).toString("hex")} lantern`,
  };
}

/** Makes an account, confirmed by the link of its mail, as a program would. */
export async function signedUp(name: string): Promise<Person> {
  const person = somebody(name);
  const { email, password } = person;
  await done("POST", "/account", { name, email, password, cpassword: password, timezone: "Europe/Berlin" });
  const link = linkOf(await lastMail(email), /#\/account\/confirm\//);
  await done("GET", `/account/confirm/${link.slice(link.lastIndexOf("/") + 1)}`);
  return person;
}

export type OwnProfile = { id: string; name: string };

/** The profiles that somebody can open. */
export async function profilesOf({ email, password }: Person): Promise<OwnProfile[]> {
  const { profiles } = await done<{ profiles: OwnProfile[] }>("POST", "/account/login", { email, password });
  return profiles;
}

/** A token of somebody's first profile, to prepare what a test begins with. */
export async function tokenOf(person: Person): Promise<string> {
  const { email, password } = person;
  const [first] = await profilesOf(person);
  const made = await done<string | { token: string }>("POST", "/account/profile/token", {
    profile_id: first?.id,
    email,
    password,
    name: "prepares a test",
    expire_time: "1 day",
  });
  return typeof made === "string" ? made : made.token;
}
