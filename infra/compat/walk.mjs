// Walks three generations of TagoIO's official SDK, as npm installs them,
// through a fresh local stack. It then sends the requests of browsers and other
// clients that no SDK sends. `make compat` runs it; TAGOIO_API and MAILBOX are
// the addresses of the stack.

import { load, versions } from "./sdk.mjs";
import { mailbox } from "./stack.mjs";
import { result, step } from "./steps.mjs";
import { walkBackups } from "./walk_backups.mjs";
import { walkBilling } from "./walk_billing.mjs";
import { walkFree } from "./walk_free.mjs";
import { walkHTTP } from "./walk_http.mjs";
import { walkNotifications } from "./walk_notifications.mjs";
import { walkScale } from "./walk_scale.mjs";
import { walkTeam } from "./walk_team.mjs";
import { walkTransfer } from "./walk_transfer.mjs";
import { tap } from "./wire.mjs";

if (!mailbox) {
  console.error("MAILBOX must be the mailbox of a fresh stack: run this with `make compat`");
  process.exit(1);
}
for (const [alias, version] of await versions()) {
  let sdk;
  await step(version, "loads", async () => {
    sdk = await load(alias, version);
  });
  if (!sdk) continue;
  await walkFree(sdk);
  await walkScale(sdk);
  await walkTeam(sdk);
  await walkTransfer(sdk);
  await walkNotifications(sdk);
  await walkBilling(sdk);
  await walkBackups(sdk);
}
await walkHTTP();

tap.close();
tap.closeAllConnections();
const { passed, failed } = result();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
