import { ownZone } from "./format.ts";

/**
 * The time zones that the browser knows, its own among them, with their present
 * distance from UTC.
 */
export function zones(also?: string): { id: string; name: string; text: string }[] {
  const known = new Set(["UTC", ownZone(), ...(also ? [also] : []), ...Intl.supportedValuesOf("timeZone")]);
  return [...known].sort().map((id) => ({ id, name: id.replaceAll("_", " "), text: offset(id) }));
}

function offset(zone: string): string {
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts();
    return parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "UTC") ?? "";
  } catch {
    return "";
  }
}
