import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { common } from "../src/messages/en/common.ts";
import { webhooks as texts } from "../src/messages/en/webhooks.ts";
import { withPlan } from "./lib/people.ts";
import { button, chooseFrom, field, rowOf } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

type Got = { headers: IncomingHttpHeaders; body: string };

/** A program on this machine that takes events, and what it got. */
async function receiver(): Promise<{ url: string; got: Got[]; close: () => void }> {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
    response.writeHead(200).end("thank you");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/events`, got, close: () => server.close() };
}

test("a program is told of changes: it is added, tested, given a new secret, disabled and removed", async ({
  open,
  guard,
}) => {
  test.setTimeout(180_000);
  const ann = await withPlan("Ute");
  const program = await receiver();
  guard.expects("POST", new RegExp(`^/profile/${ann.profile}/webhook$`), 400);
  const page = await open(ann.person, `/console/p/${ann.profile}/webhooks`);
  await button(page, texts.add).click();
  const dialog = page.getByRole("dialog", { name: texts.addTitle });
  await field(dialog, texts.url).fill("http://example.com/events");
  await button(dialog, texts.add).click();
  await expect(dialog.getByText(/must/)).toBeVisible();
  await field(dialog, texts.url).fill(program.url);
  await dialog.getByRole("radio", { name: texts.choices.some.name }).check({ force: true });
  await dialog.getByText("webhook.*", { exact: true }).click();
  await button(dialog, texts.add).click();

  const shown = page.getByRole("dialog", { name: texts.secretTitle });
  await expect(field(shown, texts.secret)).toHaveValue(/^whsec_/);
  await button(shown, texts.stored).click();
  await expect(rowOf(page, program.url)).toContainText("webhook.*");

  await chooseFrom(page, program.url, texts.test);
  await page.getByRole("link", { name: program.url }).click();
  await expect(rowOf(page, "webhook.created")).toContainText(texts.states.delivered, { timeout: 120_000 });
  await expect(rowOf(page, "webhook.test")).toContainText(texts.states.delivered, { timeout: 120_000 });
  await expect(rowOf(page, "webhook.test")).toContainText("thank you");
  expect(program.got.map(({ headers }) => headers["webhook-signature"] !== undefined)).not.toContain(false);
  await button(page, texts.resend("webhook.test")).click();
  await expect(rowOf(page, "webhook.test").first()).toContainText(texts.states.pending);

  await page.getByRole("link", { name: texts.back }).click();
  await chooseFrom(page, program.url, texts.rotate);
  await button(page.getByRole("alertdialog"), texts.rotate).click();
  await expect(shown).toContainText(texts.oldUntil);
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").getByRole("button", { name: common.leaveStay }).click();
  await button(shown, texts.stored).click();
  await chooseFrom(page, program.url, texts.disable);
  await expect(rowOf(page, program.url)).toContainText(texts.disabled);
  await chooseFrom(page, program.url, texts.remove);
  await button(page.getByRole("alertdialog"), texts.remove).click();
  await expect(page.getByText(texts.emptyTitle)).toBeVisible();
  program.close();
});
