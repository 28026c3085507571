import { expect, test } from "vitest";
import { ApiError } from "../../api/errors.ts";
import { filesOf, joined } from "./files.ts";
import type { Span } from "./span.ts";

const tooLarge = () =>
  new ApiError(
    { method: "GET", path: "/", key: undefined, id: undefined },
    new Response(null, { status: 400 }),
    JSON.stringify({ code: "answer_too_large", message: "more than 1000 entries match" }),
  );

test("windows are fetched oldest first, and halved until they fit", async () => {
  const asked: Span[] = [];
  const texts = await filesOf(
    [
      { from: 100, to: 200 },
      { from: 0, to: 100 },
    ],
    async (window) => {
      asked.push(window);
      if (window.from >= 100 && window.to - window.from > 30) throw tooLarge();
      return `${window.from}-${window.to} `;
    },
  );
  expect(texts.join("")).toBe("0-100 100-125 125-150 150-175 175-200 ");
  expect(asked).toHaveLength(8);
});

test("another refusal, and a moment that is too full, are not tried for ever", async () => {
  const other = new Error("no");
  await expect(filesOf([{ from: 0, to: 8 }], () => Promise.reject(other))).rejects.toBe(other);
  await expect(filesOf([{ from: 0, to: 8 }], () => Promise.reject(tooLarge()))).rejects.toBeInstanceOf(ApiError);
});

test("tables have one head, and lines follow each other", () => {
  const mark = "\uFEFF";
  expect(joined("csv", [`${mark}a,b\r\n1,2\r\n`, `${mark}a,b\r\n`, `${mark}a,b\r\n3,"x\ny"\r\n`])).toBe(
    `${mark}a,b\r\n1,2\r\n3,"x\ny"\r\n`,
  );
  expect(joined("csv", [])).toBe(mark);
  expect(joined("ndjson", ['{"a":1}\n', "", '{"a":2}\n'])).toBe('{"a":1}\n{"a":2}\n');
});
