import { expect, test } from "vitest";
import { mailLink, safeNext, transferCode } from "./links.ts";

test("the fragments of mails are read", () => {
  expect(mailLink("/account/confirm/abc123")).toEqual({ kind: "code", word: "account/confirm", code: "abc123" });
  expect(mailLink("#/profile/team/decline/abc")).toEqual({ kind: "code", word: "profile/team/decline", code: "abc" });
  expect(mailLink("/forgotten")).toEqual({ kind: "forgotten" });
  expect(mailLink("/desk")).toEqual({ kind: "desk", ticket: undefined });
  expect(mailLink("/desk/TR-7K3M-92QD")).toEqual({ kind: "desk", ticket: "TR-7K3M-92QD" });
});

test("the code of a transfer is kept, and is no part of what the address gets", () => {
  expect(mailLink("/transfer/accept/TR-7K3M-92QD/secret")).toEqual({
    kind: "transfer",
    word: "accept",
    ticket: "TR-7K3M-92QD",
  });
  expect(transferCode("TR-7K3M-92QD")).toBe("secret");
});

test("other fragments are none of a mail", () => {
  for (const hash of [
    "",
    "/",
    "/account/confirm",
    "/account/delete/abc",
    "/transfer/confirm",
    "/transfer/eat/TR-7K3M-92QD",
    "/account/confirm/a b",
  ]) {
    expect(mailLink(hash), hash).toBeUndefined();
  }
});

test("after signing in a person goes to places of the console alone", () => {
  expect(safeNext("/console/p/1/team?a=b#c")).toBe("/p/1/team?a=b#c");
  for (const next of [
    undefined,
    "",
    "/",
    "/docs",
    "//evil.example/console/",
    "https://evil.example/console/",
    "/console//evil.example",
    "/console/\\evil",
    "/console/../docs",
    "/consoles/x",
  ]) {
    expect(safeNext(next), next).toBeUndefined();
  }
});
