import { expect, test } from "vitest";
import { requesting } from "./en/more.ts";
import { transfer } from "./en/transfer.ts";

test("both sides read at each step of a transfer that webhooks and alerts are removed", () => {
  const { confirmText, acceptText, revokedText, revertText, agreeText } = transfer;
  const steps = [
    requesting.endsList.join(),
    confirmText("Ben"),
    acceptText,
    revokedText,
    revertText,
    ...Object.values(agreeText),
  ];
  expect(steps.filter((text) => !/webhooks and alerts/.test(text))).toEqual([]);
});
