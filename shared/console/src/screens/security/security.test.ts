import { encode } from "uqr";
import { expect, test } from "vitest";
import { agentName } from "./agent.ts";
import { codesOf, grouped, sameCode, secretOf, squares } from "./codes.ts";

test("browsers are named in words", () => {
  const names: Record<string, string> = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36":
      "Chrome 156 on Linux",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0":
      "Edge 150 on Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15":
      "Safari 18 on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1":
      "Safari 18 on iPhone",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox 140 on Android",
    "Mozilla/5.0 (X11; Linux x86_64)": "A browser on Linux",
    "curl/8.5.0": "curl/8.5.0",
    "": "A browser",
    "  ": "A browser",
  };
  for (const [agent, name] of Object.entries(names)) expect(agentName(agent)).toBe(name);
});

test("recovery codes are found behind the sentence, and nowhere else", () => {
  const codes = ["7K3M-92QD-ABCD", "0000-1111-2222"];
  expect(codesOf(`Two-factor authentication enabled. Keep these recovery codes: ${codes.join(" ")}`)).toEqual(codes);
  expect(codesOf("Two-factor authentication enabled")).toEqual([]);
});

test("a code is the same however it is typed", () => {
  expect(sameCode("7k3m 92qd abcd", "7K3M-92QD-ABCD")).toBe(true);
  expect(sameCode("7K3M-92QD-ABCE", "7K3M-92QD-ABCD")).toBe(false);
  expect(sameCode("", "")).toBe(false);
});

test("the key is read from the address", () => {
  const url = "otpauth://totp/Profiles:ana%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Profiles";
  expect(secretOf(url)).toBe("JBSWY3DPEHPK3PXP");
  expect(grouped(secretOf(url))).toBe("JBSW Y3DP EHPK 3PXP");
  expect(secretOf("PIN code sent")).toBe("");
});

test("a QR code is drawn whole", () => {
  const { data } = encode("otpauth://totp/x?secret=ABC", { border: 4 });
  let dark = 0;
  for (const [, width] of squares(data).matchAll(/h(\d+)v1/g)) dark += Number(width);
  expect(dark).toBe(data.flat().filter(Boolean).length);
  expect(squares([[true, true, false, true]])).toBe("M0 0h2v1h-2zM3 0h1v1h-1z");
});
