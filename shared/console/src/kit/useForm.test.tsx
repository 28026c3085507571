// @vitest-environment happy-dom
import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { ApiError } from "../api/errors.ts";
import { useForm } from "./useForm.ts";

const refused = (details: object, code = "invalid") =>
  new ApiError(
    { method: "PUT", path: "/", key: undefined, id: undefined },
    new Response(null, { status: 400 }),
    JSON.stringify({ message: "The name is too long", code, details }),
  );

test("dirty means different from what was loaded", () => {
  const { result } = renderHook(() => useForm({ initial: { name: "Plant" }, save: async () => {} }));
  act(() => result.current.set({ name: "Plants" }));
  expect(result.current.dirty).toBe(true);
  act(() => result.current.set({ name: "Plant" }));
  expect(result.current.dirty).toBe(false);
});

test("fields that were not touched follow what is loaded anew, the others stay", () => {
  const { result, rerender } = renderHook(({ initial }) => useForm({ initial, save: async () => {} }), {
    initialProps: { initial: { name: "Plant", zone: "UTC" } },
  });
  act(() => result.current.set({ name: "Mine" }));
  rerender({ initial: { name: "Theirs", zone: "Europe/Berlin" } });
  expect(result.current.values).toEqual({ name: "Mine", zone: "Europe/Berlin" });
  expect(result.current.dirty).toBe(true);
});

test("a second press while it saves does nothing", async () => {
  let finish = () => {};
  const save = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
  const { result } = renderHook(() => useForm({ initial: { name: "" }, save }));
  act(() => {
    void result.current.submit();
    void result.current.submit();
  });
  expect(save).toHaveBeenCalledOnce();
  await act(async () => finish());
  expect(result.current.pending).toBe(false);
});

test("a refusal stands at its field, whatever the path to it", async () => {
  const { result } = renderHook(() =>
    useForm({
      initial: { name: "" },
      save: () => Promise.reject(refused({ fields: [{ field: "info.name", code: "length" }] })),
    }),
  );
  await act(() => result.current.submit());
  expect(result.current.faults).toEqual({ name: "The name is too long" });
});

test("a wrong password stands at the password", async () => {
  const { result } = renderHook(() =>
    useForm({ initial: {}, names: ["password"], save: () => Promise.reject(refused({}, "invalid_password")) }),
  );
  await act(() => result.current.submit());
  expect(result.current.faults).toEqual({ password: "The password is wrong." });
});

test("what was wrong with a field is gone with a change of it, and comes back with a refusal", async () => {
  const { result } = renderHook(() =>
    useForm({
      initial: { name: "", proof: "" },
      names: ["password"],
      save: () => Promise.reject(refused({}, "invalid_password")),
    }),
  );
  await act(() => result.current.submit());
  act(() => result.current.set({ name: "Plant" }));
  expect(result.current.faults).toEqual({ password: "The password is wrong." });
  act(() => result.current.set({ proof: "x" }));
  expect(result.current.faults).toEqual({});
  expect(result.current.error).toBeUndefined();
  await act(() => result.current.submit());
  expect(result.current.faults).toEqual({ password: "The password is wrong." });
});

test("a form that begins anew after it was saved has nothing unsaved, and keeps nothing of what was sent", async () => {
  const { result } = renderHook(() => {
    const form = useForm({
      initial: { text: "" },
      save: async () => {},
      onSaved: () => form.clear({ text: "" }),
    });
    return form;
  });
  act(() => result.current.set({ text: "a note" }));
  await act(() => result.current.submit());
  expect(result.current.values).toEqual({ text: "" });
  expect(result.current.dirty).toBe(false);
});
