// The mails that arrive, and the requests that scanners of mail programs send.

import assert from "node:assert/strict";

import { patience } from "./facts.mjs";
import { api, mailbox } from "./stack.mjs";
import { describe, send } from "./wire.mjs";

// mail waits for the nth mail to an address, of those that contain the text.
export async function mail(address, n, text = "") {
  for (
    const deadline = Date.now() + patience;
    ;
    await new Promise((later) => setTimeout(later, 40))
  ) {
    const { emails } = await (await fetch(`${mailbox}/store`)).json();
    const mine = emails.filter(
      (m) => m.destination.to.includes(address) && m.body.text.includes(text),
    );
    if (mine.length >= n) return mine[n - 1];
    assert.ok(
      Date.now() < deadline,
      `expected ${n} mails to ${address}${text && ` with ${text}`} within ${patience / 1000} s, came ${mine.length}`,
    );
  }
}

// linksOf returns the two links of an invitation's mail. Its HTML part must
// have them as well.
export function linksOf({ body }) {
  const links = ["accept", "decline"].map((verb) => {
    const text = body.text.match(new RegExp(`https?://\\S+/team/${verb}/\\w+`))?.[0];
    const link = new URL(text ?? assert.fail(`expected a link to ${verb}, came ${body.text}`));
    assert.equal(link.origin, api.origin);
    // Servers and their logs do not see the part after the #.
    assert.match(link.hash, new RegExp(`^#/profile/team/${verb}/[0-9A-Za-z]+$`));
    assert.ok(body.html.includes(link.href), "expected the same link in the HTML part");
    return link;
  });
  const [code, same] = links.map((link) => link.hash.split("/").at(-1));
  assert.equal(same, code);
  return { links, code };
}

// scan sends the requests that link scanners and previews of mail programs send
// for the links of an invitation, and for hidden parts of these links.
export async function scan({ links, code }) {
  const requests = links.flatMap((link) =>
    ["GET", "HEAD", "OPTIONS"].map((method) => [method, link.pathname + link.search]),
  );
  for (const verb of ["accept", "decline"])
    for (const method of ["HEAD", "OPTIONS"])
      requests.push([method, `/profile/team/${verb}/${code}`]);
  for (const [method, path] of requests) {
    const x = await send(method, path);
    assert.ok(x.status < 500, `expected no 5xx, came ${describe(x)}`);
    if (method !== "GET") continue;
    assert.equal(x.status, 200);
    assert.match(x.headers["content-type"], /^text\/html/);
  }
}
