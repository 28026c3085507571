import { randomBytes } from "node:crypto";
import { done, lastMail, linkOf, mailsTo } from "./stack.ts";

export type Person = { name: string; email: string; password: string };

/** The password of the demo accounts. */
const demoPassword = "demo lantern otter";

const demo = (name: string): Person => ({ name, email: `${name.toLowerCase()}@example.com`, password: demoPassword });

/**
 * People of the demo: Nora has used the service for weeks, Omar shares with
 * her, and Sam is from support.
 */
export const nora = demo("Nora");
export const omar = demo("Omar");
export const sam = demo("Sam");

/** The token of the demo's data plane, which reports what profiles use. */
export const plane = "p-DemoPlneOnlyForTheLocalStack00rv5n";

/** A person who has no account yet. */
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

/** The profiles that a person can open. */
export async function profilesOf({ email, password }: Person): Promise<OwnProfile[]> {
  const { profiles } = await done<{ profiles: OwnProfile[] }>("POST", "/account/login", { email, password });
  return profiles;
}

/** A token of a person's first profile, to prepare the start of a test. */
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

/** A person with their first profile, and a token of it. */
export type Owner = { person: Person; token: string; profile: string; name: string };

/** Makes an account with a plan. The plan "scale" has every feature. */
export async function withPlan(name: string, plan: "free" | "starter" | "scale" = "scale"): Promise<Owner> {
  const person = await signedUp(name);
  const token = await tokenOf(person);
  if (plan !== "free") await done("POST", "/account/plan", { plan }, token);
  const [profile] = await profilesOf(person);
  if (!profile) throw new Error(`${name} has no profile`);
  return { person, token, profile: profile.id, name: profile.name };
}

/** Shares a profile with a person, who accepts, without the screens for it. */
export async function share(of: Pick<Owner, "token" | "profile">, person: Person, permission: string): Promise<void> {
  const before = (await mailsTo(person.email)).length;
  await done("POST", `/profile/${of.profile}/team`, { email: person.email, permission }, of.token);
  const link = linkOf(await lastMail(person.email, /invite/i, before), /#\/profile\/team\/accept\//);
  await done("GET", `/profile/team/accept/${link.slice(link.lastIndexOf("/") + 1)}`);
}
