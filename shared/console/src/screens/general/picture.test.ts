// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { fileAt, kindOf, largest, open, PictureError, placed, sidesFor } from "./picture.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test("a file is what its first bytes say", () => {
  expect(kindOf(bytes("\x89PNG\r\n\x1a\n\0\0\0\r"))).toBe("image/png");
  expect(kindOf(bytes("\xff\xd8\xff\xe0\0\x10JFIF"))).toBe("image/jpeg");
  expect(kindOf(bytes("RIFF\n\0\0\0WEBPVP8 "))).toBe("image/webp");
  for (const other of ["", "<svg xmlns=", "GIF89a", "RIFF\0\0\0\0WAVE", "\x89PNG", "%PDF-1.7"])
    expect(kindOf(bytes(other)), other).toBeUndefined();
});

test("a wide picture is cut at its sides, or has empty edges above and below", () => {
  const wide = { width: 400, height: 100 };
  expect(placed(wide, 100, "cut")).toEqual({ x: -150, y: 0, width: 400, height: 100 });
  expect(placed(wide, 100, "whole")).toEqual({ x: 0, y: 37.5, width: 100, height: 25 });
});

test("a square fills all, cut or whole", () => {
  const square = { width: 512, height: 512 };
  for (const fit of ["cut", "whole"] as const)
    expect(placed(square, 128, fit)).toEqual({ x: 0, y: 0, width: 128, height: 128 });
});

test("a picture is made smaller until it fits, and never larger", () => {
  expect(sidesFor({ width: 4000, height: 3000 }, "cut")).toEqual([144, 128, 112, 96, 80, 64]);
  expect(sidesFor({ width: 200, height: 100 }, "cut")).toEqual([100, 96, 80, 64]);
  expect(sidesFor({ width: 200, height: 100 }, "whole")).toEqual([144, 128, 112, 96, 80, 64]);
  expect(sidesFor({ width: 64, height: 64 }, "cut")).toEqual([64]);
  expect(sidesFor({ width: 16, height: 16 }, "whole")).toEqual([16]);
});

test("what is no picture, or too large, is refused with the reason", async () => {
  const file = (content: string, size = 0) => {
    const made = new File([bytes(content)], "logo.png", { type: "image/png" });
    if (size) Object.defineProperty(made, "size", { value: size });
    return made;
  };
  const faultOf = (made: File) => open(made).then(String, (error: PictureError) => error.fault);
  expect(await faultOf(file("<svg xmlns=''/>"))).toBe("kind");
  expect(await faultOf(file("\x89PNG\r\n\x1a\n", largest + 1))).toBe("large");
  expect(await faultOf(file("\x89PNG\r\n\x1a\ncut off"))).toBe("broken");
});

test("a logo that is not there cannot be had again", async () => {
  const before = globalThis.fetch;
  globalThis.fetch = async () => new Response("", { status: 404 });
  await expect(fileAt("/logo/0")).rejects.toBeInstanceOf(PictureError);
  globalThis.fetch = async () => new Response(bytes("logo"), { headers: { "content-type": "image/png" } });
  expect(await fileAt("/logo/1")).toBe(btoa("logo"));
  globalThis.fetch = before;
});
