// Three generations of the SDK behind one face.

import { createRequire } from "node:module";

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
