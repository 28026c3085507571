import { common } from "../src/messages/en/common.ts";
import { logo as texts } from "../src/messages/en/general.ts";
import { shell } from "../src/messages/en/shell.ts";
import { profilesOf, signedUp } from "./lib/people.ts";
import { widePicture } from "./lib/pictures.ts";
import { button } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

test("a logo is looked at, kept, seen everywhere at once, removed and brought back", async ({ open }) => {
  const ann = await signedUp("Ann");
  const [profile] = await profilesOf(ann);
  const page = await open(ann, `/console/p/${profile?.id}`);
  const files = page.locator("input[type=file]");
  const switcher = page.getByRole("button", { name: shell.switchProfile(profile?.name ?? "") });
  const part = page.getByRole("region", { name: texts.title });
  await expect(part.getByText(texts.kinds)).toBeVisible();
  await expect(switcher.locator("[data-letter]")).toBeVisible();

  await files.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await expect(part.getByRole("alert")).toHaveText(texts.faults.kind);
  await files.setInputFiles({ ...widePicture, buffer: widePicture.buffer.subarray(0, 40) });
  await expect(part.getByRole("alert")).toHaveText(texts.faults.broken);

  // The preview shows the picture that is sent: the middle part, as wide as it
  // is high.
  await files.setInputFiles(widePicture);
  await expect(part.getByRole("alert")).toHaveCount(0);
  const preview = part.getByRole("img", { name: texts.preview });
  await expect(preview).toHaveJSProperty("naturalWidth", 8);
  await part.getByText(texts.fits.whole).click();
  await expect(preview).toHaveJSProperty("naturalWidth", 16);
  await button(part, common.cancel).click();
  await expect(button(part, texts.choose)).toBeFocused();
  await expect(preview).toHaveCount(0);

  await files.setInputFiles(widePicture);
  await button(part, texts.save).click();
  await expect(page.getByText(texts.saved)).toBeVisible();
  await expect(button(part, texts.choose)).toBeFocused();
  await expect(switcher.locator("img")).toHaveJSProperty("naturalWidth", 8);
  await page.goto("/console/profiles");
  await expect(page.getByRole("main").locator("img")).toHaveJSProperty("naturalHeight", 8);

  await page.goBack();
  await button(part, texts.remove).click();
  await expect(page.getByText(texts.removed)).toBeVisible();
  await expect(switcher.locator("[data-letter]")).toBeVisible();
  await button(page, common.undo).last().click();
  await expect(page.getByText(common.undone)).toBeVisible();
  await expect(switcher.locator("img")).toHaveJSProperty("naturalWidth", 8);
});

test("a logo that cannot be read is a letter", async ({ open, guard, network }) => {
  const ann = await signedUp("Ann");
  const [profile] = await profilesOf(ann);
  const page = await open(ann, `/console/p/${profile?.id}`);
  await page.locator("input[type=file]").setInputFiles(widePicture);
  guard.expects("GET", /^\/logo\//, 503);
  network.fail("GET", /^\/logo\//, { status: 503 }, 10);
  await button(page, texts.save).click();
  await expect(page.getByText(texts.saved)).toBeVisible();
  await expect(page.getByRole("region", { name: texts.title }).locator("[data-letter]")).toBeVisible();
});
