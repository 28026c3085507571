// @vitest-environment happy-dom
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clearToasts, Toasts, toast, toastError } from "./Toasts.tsx";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  act(clearToasts);
  vi.useRealTimers();
});

/** How many seconds a toast stays, of at most a minute. */
function staysFor(show: () => void): number {
  render(<Toasts />);
  act(show);
  expect(screen.getAllByRole("alertdialog")).toHaveLength(1);
  for (let second = 1; second <= 60; second++) {
    act(() => void vi.advanceTimersByTime(1000));
    if (screen.queryAllByRole("alertdialog").length === 0) return second;
  }
  return Number.POSITIVE_INFINITY;
}

test("what was done goes by itself", () => expect(staysFor(() => toast("Saved"))).toBe(6));

test("what can be undone stays longer", () => expect(staysFor(() => toast("Renamed", async () => {}))).toBe(20));

test("what went wrong stays", () => expect(staysFor(() => toastError(new Error("No")))).toBe(Number.POSITIVE_INFINITY));
