import { proof as proofTexts } from "../src/messages/en/proof.ts";
import { session as texts } from "../src/messages/en/session.ts";
import { lastPin, pinOf, withAuthenticator, withMailPin } from "./lib/factors.ts";
import { signedUp, tokenOf } from "./lib/people.ts";
import { mailsTo } from "./lib/stack.ts";
import { atHome, button, field, signIn } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

test("an account with an authenticator asks for its code, or for a recovery code, which works once", async ({
  stranger,
  browserOf,
  guard,
}) => {
  const person = await signedUp("Tom");
  const { secret, recovery } = await withAuthenticator(person, await tokenOf(person));
  const [code = "", ...others] = recovery;
  expect(others).toHaveLength(9);
  for (const text of [person.password, code]) guard.keeps(text);
  guard.expects("POST", /^\/console\/session$/, 401);

  await stranger.goto("/console/sign-in");
  await signIn(stranger, person);
  const pin = field(stranger, proofTexts.pin.authenticator);
  await expect(pin).toBeVisible();
  expect(
    await stranger.evaluate(() => document.activeElement?.closest("main") !== null),
    "focus stays in what the page is about",
  ).toBe(true);
  await expect(pin).toHaveAttribute("autocomplete", "one-time-code");
  await pin.fill("000000");
  await button(stranger, texts.goOn).click();
  await expect(pin).toHaveAccessibleDescription(/wrong/);
  // As people type it who read it from a small screen.
  await pin.fill(pinOf(secret).replace(/^.../, "$& "));
  await pin.press("Enter");
  await atHome(stranger);

  const withCode = async () => {
    const page = await (await browserOf()).newPage();
    await page.goto("/console/sign-in");
    await signIn(page, person);
    await button(page, proofTexts.useRecovery).click();
    await field(page, proofTexts.recovery).fill(code.toLowerCase());
    await button(page, texts.goOn).click();
    return page;
  };
  await atHome(await withCode());
  const again = await withCode();
  await expect(field(again, proofTexts.recovery)).toHaveAccessibleDescription(/wrong|used/);
});

test("an account with codes by mail sends one when it is asked to", async ({ stranger, guard }) => {
  const person = await signedUp("Mel");
  await withMailPin(person, await tokenOf(person));
  guard.keeps(person.password);
  guard.expects("POST", /^\/console\/session$/, 401);
  await stranger.goto("/console/sign-in");
  const before = (await mailsTo(person.email)).length;
  await signIn(stranger, person);
  const pin = field(stranger, proofTexts.pin.email);
  await expect(pin).toBeVisible();
  const send = button(stranger, proofTexts.send);
  if (await send.isVisible()) await send.click();
  await pin.fill(await lastPin(person.email, before));
  await button(stranger, texts.goOn).click();
  await atHome(stranger);
});
