import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient } from "./client.ts";
import { hooks, policy } from "./policy.ts";

type Seen = { method: string; key: string | null; console: string | null; body: string };

let seen: Seen[] = [];
let answers: Response[] = [];

const refusal = (status: number, code: string, headers = {}) =>
  new Response(JSON.stringify({ status: false, message: code, code }), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
const success = () =>
  new Response('{"status":true,"result":{"id":"1"}}', { headers: { "content-type": "application/json" } });

beforeEach(() => {
  seen = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { method, headers } = request;
    seen.push({
      method,
      key: headers.get("idempotency-key"),
      console: headers.get("console"),
      body: await request.text(),
    });
    const answer = answers.shift();
    if (!answer) throw new Error("no answer is left");
    return answer;
  });
});

afterEach(() => {
  hooks.signIn = undefined;
  hooks.waiting = undefined;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const api = createClient({ baseUrl: "http://localhost:3000", fetch: policy });
const create = () => api.POST("/profile", { body: { name: "Barn" } });

test("after the session ended the same request is sent again, once a person has signed in", async () => {
  answers = [refusal(401, "session_ended"), success()];
  const signIn = vi.fn(async () => true);
  hooks.signIn = signIn;
  await expect(create()).resolves.toEqual({ id: "1" });
  expect(signIn).toHaveBeenCalledOnce();
  expect(seen).toHaveLength(2);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen[0]?.console).toBe("1");
});

test("a person who signs out instead gets the refusal", async () => {
  answers = [refusal(401, "session_ended")];
  hooks.signIn = async () => false;
  await expect(create()).rejects.toMatchObject({ status: 401, code: "session_ended" });
});

test("a wrong password is no end of the session", async () => {
  answers = [refusal(401, "invalid_password")];
  const signIn = vi.fn(async () => true);
  hooks.signIn = signIn;
  await expect(create()).rejects.toMatchObject({ code: "invalid_password" });
  expect(signIn).not.toHaveBeenCalled();
});

test("a rate limit is waited for, and met once", async () => {
  vi.useFakeTimers();
  answers = [refusal(429, "too_many", { "retry-after": "7" }), success()];
  const told: (number | undefined)[] = [];
  hooks.waiting = (until) => told.push(until);
  const done = create();
  await vi.advanceTimersByTimeAsync(6_900);
  expect(seen).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  await expect(done).resolves.toEqual({ id: "1" });
  expect(seen[1]).toEqual(seen[0]);
  expect(told).toEqual([expect.any(Number), undefined]);
});

test("the limit of guesses is not waited for", async () => {
  answers = [refusal(429, "too_many_attempts", { "retry-after": "7" })];
  await expect(create()).rejects.toMatchObject({ code: "too_many_attempts", retryAfter: 7 });
});
