// The mails that arrive.

import { must, same, Wrong } from "./held.mjs";
import { bold, dim } from "./print.mjs";
import { mailbox, patience } from "./stack.mjs";

let printed = 0; // how many mails are
export const inbox = async () =>
  (await (await fetch(`${mailbox}/store`, { signal: AbortSignal.timeout(patience) })).json())
    .emails;

// mails waits for the expected mails, one for each address and subject, prints
// them, and returns their texts in the order in which they were asked for.
export async function mails(...wanted) {
  let fresh = [];
  for (
    const deadline = Date.now() + patience;
    ;
    await new Promise((later) => setTimeout(later, 50))
  ) {
    fresh = (await inbox()).slice(printed);
    if (fresh.length >= wanted.length) break;
    if (Date.now() > deadline)
      throw new Wrong(
        `${wanted.length} mails should have arrived within ${patience / 1000} s, came ${fresh.length}`,
      );
  }
  printed += fresh.length;
  const found = wanted.map(([to, subject]) => {
    const mail = fresh.find((m) => m.destination.to.includes(to) && subject.test(m.subject));
    must(
      mail,
      `a mail to ${to} with the subject ${subject} should have arrived, came ${JSON.stringify(fresh.map((m) => [m.destination.to, m.subject]))}`,
    );
    return mail;
  });
  same(fresh.length, wanted.length, "mails that arrived");
  for (const { destination, subject, body } of found) {
    // The last lines are the same in all mails.
    const text = body.text.split("\n--\n")[0].trimEnd();
    console.log(`\n  ${dim("╭─")} mail to ${bold(destination.to.join(", "))}`);
    console.log(`  ${dim("│")}  ${bold(subject)}\n  ${dim("│")}`);
    text.split("\n").forEach((line) => console.log(`  ${dim("│")}  ${line}`.trimEnd()));
    console.log(`  ${dim("╰─")}`);
  }
  return found.map((mail) => mail.body.text);
}

export function codeIn(text, link) {
  const code = text.match(new RegExp(`#/transfer/${link}/TR-[0-9A-Z]{4}-[0-9A-Z]{4}/(\\w+)`))?.[1];
  must(code, `a link to ${link} should be in the mail`);
  return code;
}

// read is the number of mails that were printed.
export const read = () => printed;
