import { audit as texts } from "../../messages/en/audit.ts";

/**
 * kindName is the word for a kind of thing, also for one that this console does
 * not know.
 */
export const kindName = (kind: string): string => texts.kinds[kind] ?? kind;

/**
 * whoName names the author of an entry: a person by name, one who is not in the
 * team by the end of the id, or a part of the service.
 */
export function whoName(who: string, people: ReadonlyMap<string, string>): string {
  return people.get(who) ?? (/^[0-9a-f]{24}$/.test(who) ? texts.gone(who) : texts.service(who));
}
