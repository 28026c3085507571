import { createHmac } from "node:crypto";
import type { Person } from "./people.ts";
import { done, lastMail, mailsTo } from "./stack.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * The code that an authenticator app shows a number of half-minute steps from
 * now. The next one is accepted already, and for a minute at least, however
 * slowly it is typed. A code is not accepted after a later one: the code that
 * enables the app is the present one, so that the next one is left.
 */
export function pinOf(secret: string, steps: 0 | 1 = 1): string {
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = (hash[19] ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/**
 * Enables an app's codes for an account. Returns its secret and the recovery
 * codes.
 */
export async function withAuthenticator(
  { email, password }: Person,
  token: string,
): Promise<{ secret: string; recovery: string[] }> {
  const url = await done<string>("POST", "/account/otp/authenticator/enable", { email, password }, token);
  const secret = new URL(url).searchParams.get("secret") ?? "";
  const said = await done<string>("POST", "/account/otp/authenticator/confirm", { pin_code: pinOf(secret, 0) }, token);
  return { secret, recovery: said.match(/[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}/g) ?? [] };
}

/** Enables codes by mail for an account, which paid plans have. */
export async function withMailPin({ email, password }: Person, token: string): Promise<void> {
  await done("POST", "/account/plan", { plan: "starter" }, token);
  const before = (await mailsTo(email)).length;
  await done("POST", "/account/otp/email/enable", { email, password }, token);
  await done("POST", "/account/otp/email/confirm", { pin_code: await lastPin(email, before) }, token);
}

/** The code in the last mail to a person that came after a number of others. */
export async function lastPin(email: string, before: number): Promise<string> {
  const [pin] = /\b\d{6}\b/.exec((await lastMail(email, /PIN/, before)).text) ?? [];
  if (!pin) throw new Error(`the last mail to ${email} has no code`);
  return pin;
}
