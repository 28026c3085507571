// @vitest-environment happy-dom
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { common } from "../messages/en/common.ts";
import { CopyId, copyText } from "./Values.tsx";

const refuse = () => vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("no"));

test("an id that the browser does not copy is selected, and the keys are named", async () => {
  refuse();
  render(<CopyId label="Id" value="01a20c" />);
  fireEvent.click(screen.getByRole("button"));
  expect(await screen.findByText(common.copyFailed)).toBeTruthy();
  expect(String(getSelection())).toBe("01a20c");
});

test("where the clipboard is refused the text is copied as it is, not as it is shown", async () => {
  refuse();
  const list = document.createElement("ol");
  document.body.append(list);
  let copied: string | undefined;
  const event = Object.assign(new Event("copy", { cancelable: true }), {
    clipboardData: { setData: (_: string, text: string) => (copied = text) },
  });
  document.execCommand = () => {
    document.dispatchEvent(event);
    return true;
  };
  expect(await copyText("one\ntwo", list)).toBe(true);
  expect(copied).toBe("one\ntwo");
  expect(await copyText("one", null)).toBe(false);
});
