import type { components } from "../../api/schema.d.ts";
import type { Format } from "../../lib/format.ts";
import { notifications as texts } from "../../messages/en/notifications.ts";
import { isService, services } from "../../messages/en/services.ts";

type Row = components["schemas"]["NotificationRow"];

/**
 * wordsOf is the text of a notification. One about a limit has numbers and
 * times in the formats of this person. One without that data, or about a
 * service that this console does not know, has the text of the API.
 */
export function wordsOf(
  { title = "", message = "", usage }: Pick<Row, "title" | "message" | "usage">,
  { number, moment }: Pick<Format, "number" | "moment">,
): { title: string; message: string } {
  if (!usage || !isService(usage.service)) return { title, message };
  const { profile, percent, used, limit, reset_at } = usage;
  const { name, unit } = services[usage.service];
  return {
    title: texts.near(name, profile, number(percent)),
    message: texts.used(number(used), number(limit), unit, reset_at ? moment(reset_at) : undefined),
  };
}
