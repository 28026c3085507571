// Shows a whole transfer of a profile: each request as a person would type it,
// its answer, and each mail that arrives. It compares all of them with the
// expected ones, and ends with status 1 when one differs. `make transfer` runs
// it on a fresh local stack; TAGOIO_API and MAILBOX are its addresses.

import * as chapters from "./chapters.mjs";
import { checks, Wrong } from "./held.mjs";
import { read } from "./mailbox.mjs";
import { green, print, red, tell, width, wrap } from "./print.mjs";
import { requests } from "./request.mjs";
import { api, password } from "./stack.mjs";

async function story() {
  print(
    wrap(
      "This is the story of a profile that changes its owner, on a local stack that was made for " +
        "it and is gone afterwards. Ana gives her profile Plant to Ben. Sam, of the support desk, " +
        "has to approve it. Mia is a member of Plant. " +
        "Lines with a $ are requests; what is in a frame is a mail of the mailbox.",
      width,
    ),
  );
  tell(
    `API=${api}\nThe password of everybody is "${password}"; the console, where the links of the ` +
      "mails lead, is $API/console.",
  );

  const known = {};
  for (const next of [
    chapters.whoTakesPart,
    chapters.couldItBeTransferred,
    chapters.theRequest,
    chapters.howItStands,
    chapters.anaConfirms,
    chapters.theDeskApproves,
    chapters.benAccepts,
    chapters.whoCanOpenIt,
    chapters.theLists,
    chapters.takingItBack,
    chapters.whatHappened,
  ]) {
    Object.assign(known, await next(known));
  }
  console.log(
    `\n${green("All is as it should be")}: ${requests()} requests, ${read()} mails, ${checks()} checks.`,
  );
}

try {
  await story();
} catch (error) {
  const reason = error instanceof Wrong ? error.message : error.stack;
  console.log(`\n${red("NOT AS IT SHOULD BE")}: ${reason}`);
  process.exitCode = 1;
}
