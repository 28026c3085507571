// Three generations of the SDK behind one interface.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

// versions are the installed SDKs, as pairs of an alias and its version.
export const versions = () =>
  Promise.all(
    ["sdk12", "sdk11", "sdk10"].map(async (alias) => {
      const file = new URL(`node_modules/${alias}/package.json`, import.meta.url);
      return [alias, JSON.parse(await readFile(file)).version];
    }),
  );

export async function load(alias, version) {
  const major = parseInt(version, 10);
  // Version 12 is an ES module, the older ones are CommonJS.
  const { Account, Authorization, Resources } =
    major >= 12 ? await import(alias) : createRequire(import.meta.url)(alias);
  const open = (token) => {
    if (Resources) return new Resources({ token });
    const account = new Account({ token });
    const { profiles, notifications, billing, plan, paymentMethods, paymentHistory } = account;
    return { account, profiles, notifications, billing, plan, paymentMethods, paymentHistory };
  };
  return {
    version,
    major,
    Account,
    Authorization,
    open,
    // SDK 10 names no profile, and sends no password.
    tokenDelete: (token, profile, target) => {
      const { profiles } = open(token);
      return major > 10 ? profiles.tokenDelete(profile, target) : profiles.tokenDelete(target);
    },
  };
}
