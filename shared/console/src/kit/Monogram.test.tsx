// @vitest-environment happy-dom
import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Monogram } from "./Monogram.tsx";

afterEach(cleanup);

const of = (logo: string | null) => <Monogram id="0123456789abcdef01234567" name="plant" logo={logo} />;
const shown = (within: HTMLElement) =>
  within.querySelector("img")?.getAttribute("src") ??
  within.querySelector("[data-letter]")?.getAttribute("data-letter");

test("a logo of this service is shown; without one, or with one elsewhere, the first letter is", () => {
  const { container, rerender } = render(of(null));
  expect(shown(container)).toBe("P");
  rerender(of("https://example.com/logo.png"));
  expect(shown(container)).toBe("P");
  rerender(of("/logo/0123"));
  expect(shown(container)).toBe("/logo/0123");
});

test("a logo that cannot be read is a letter again, until there is another one", () => {
  const { container, rerender } = render(of("/logo/0123"));
  fireEvent.error(container.querySelector("img") as HTMLImageElement);
  expect(shown(container)).toBe("P");
  rerender(of("/logo/4567"));
  expect(shown(container)).toBe("/logo/4567");
});
