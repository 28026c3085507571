import { expect, test } from "vitest";
import { languages } from "./languages.ts";

const nameOf = (id: string, also = "en") => languages(also).find((one) => one.id === id)?.name;

test("each language has the name that its speakers have for it, with a capital", () => {
  expect(nameOf("de")).toBe("Deutsch");
  expect(nameOf("es")).toBe("Español");
  expect(nameOf("en")).toBe("English");
});

test("what the account has is among them once, even if it is no language", () => {
  expect(languages("en").filter(({ id }) => id === "en")).toHaveLength(1);
  expect(nameOf("pt-BR", "pt-BR")).toMatch(/^Português/);
  expect(nameOf("not a code", "not a code")).toBe("not a code");
  expect(languages("").map(({ id }) => id)).not.toContain("");
});
