// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { api } from "../api/index.ts";
import { keys, queryClient } from "../api/queries.ts";
import { joining } from "./join.ts";

const overview = (...ids: string[]) => ({ profiles: ids.map((id) => ({ id })) });

test("the profile that was joined is not one that was added elsewhere before", async () => {
  queryClient.setQueryData(keys.profiles, overview("own") as never);
  let profiles = ["added", "own"];
  vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve(overview(...profiles))) as never);
  const joined = await joining(async () => {
    profiles = ["added", "own", "joined"];
  });
  expect(joined).toBe("joined");
});
