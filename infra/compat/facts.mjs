// The facts that the walks expect of the stack, and its accounts.

import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

export const demo = {
  email: "ana@example.com",
  password: "demo lantern otter",
  token: "p-DemoAna0OnlyForTheLocalStack000KBP",
};

export const plane = { token: "p-DemoPlneOnlyForTheLocalStack00rv5n" }; // of the demo's data plane

export const password = "walk lantern otter";

export const patience = 60_000;

export const hour = 3_600_000,
  day = 24 * hour;

// The amounts of a new account on the plan Free. Source: the first tier of each
// service in the prices that TagoIO publishes.
export const freeAmounts = {
  input: 1_000_000,
  output: 3_000_000,
  analysis: 3_000,
  data_records: 800_000,
  sms: 10,
  email: 100,
  run_users: 10,
  push_notification: 100,
  file_storage: 200,
};

export const services = Object.keys(freeAmounts).sort();

// Services of the original that this service does not have.
export const elsewhere = { tcore: 0, tcore_cluster: 0, dashboard_output: 0 };

// owned says which add-ons a profile has, of those that this service has.
export const owned = ({ custom_dns, mobile }) => ({ custom_dns, mobile });

export const limitText =
  "You have exceeded the maximum limit of profiles (1). Please upgrade you plan or contact support.";

export const perService = (of) =>
  Object.fromEntries(services.map((service) => [service, of(service)]));

export function inMonths(n) {
  const date = new Date();
  const month = date.getUTCMonth() + n;
  date.setUTCMonth(month);
  // A month that is too short ends on its last day.
  if (date.getUTCMonth() !== month % 12) date.setUTCDate(0);
  return date;
}

export function oneMonthAfter(start) {
  const date = new Date(start);
  const month = date.getUTCMonth() + 1;
  date.setUTCMonth(month);
  if (date.getUTCMonth() !== month % 12) date.setUTCDate(0);
  return date;
}

// earlyInStep waits until an authenticator has shown its present pin for less
// than twenty of thirty seconds. The pin before that one is accepted for ten
// more seconds then.
export async function earlyInStep() {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 10_000) await sleep(left);
}

// pinOf is the pin that an authenticator shows some steps from now.
export function pinOf(secret, steps) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret]
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2))))
    .update(counter)
    .digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
