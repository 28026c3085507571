import { security as texts } from "../../messages/en/security.ts";

// The first match counts, because browsers also send the names of the browsers
// that they are based on.
const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, "Edge"],
  [/\b(?:OPR|Opera)\/(\d+)/, "Opera"],
  [/\bSamsungBrowser\/(\d+)/, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\bHeadlessChrome\/(\d+)/, "Chrome"],
  [/\b(?:Chrome|CriOS|Chromium)\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+)[.\d]* (?:Mobile\/\w+ )?Safari\//, "Safari"],
];

const systems: [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** agentName is the browser's name in words. */
export function agentName(agent: string): string {
  const browser = browsers
    .map(([shape, name]) => [shape.exec(agent)?.[1], name] as const)
    .find(([version]) => version !== undefined);
  const system = systems.find(([shape]) => shape.test(agent))?.[1];
  const name = browser ? `${browser[1]} ${browser[0]}` : undefined;
  if (name && system) return texts.agent(name, system);
  if (name ?? system) return name ?? texts.agent(texts.someBrowser, system ?? "");
  return agent.trim().slice(0, 60) || texts.someBrowser;
}
