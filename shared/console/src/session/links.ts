/**
 * The subject of the link of a mail. The code at its end is a secret. It stays
 * in the fragment, which no server sees, until it was used.
 */
export type MailLink =
  | { kind: "code"; word: CodeWord; code: string }
  | { kind: "forgotten" }
  | { kind: "transfer"; word: TransferWord; ticket: string }
  | { kind: "desk"; ticket: string | undefined };

/** The words of links that carry a code, in the fragments of mails. */
export const codeWords = [
  "account/confirm",
  "account/password",
  "account/email",
  "account/undo",
  "account/unsubscribe",
  "profile/team/accept",
  "profile/team/decline",
] as const;
const transferWords = ["confirm", "accept", "decline", "cancel", "revert", "show"] as const;
export type CodeWord = (typeof codeWords)[number];
export type TransferWord = (typeof transferWords)[number];

const shape =
  /^#?\/(?<words>[a-z]+(?:\/[a-z]+)*?)(?:\/(?<ticket>TR-[0-9A-Z]{4}-[0-9A-Z]{4}))?(?:\/(?<code>[\w-]{1,600}))?$/;

// The codes of transfers that were opened by a link, by ticket. They end with
// the page.
const codes = new Map<string, string>();

/**
 * mailLink reads the fragment of an address; undefined when it is not of one of
 * our mails.
 */
export function mailLink(hash: string): MailLink | undefined {
  const { words = "", ticket, code } = shape.exec(hash)?.groups ?? {};
  if (words === "forgotten") return { kind: "forgotten" };
  if (words === "desk") return { kind: "desk", ticket };
  const word = transferWords.find((each) => words === `transfer/${each}`);
  if (word && ticket) {
    if (code) codes.set(ticket, code);
    return { kind: "transfer", word, ticket };
  }
  const known = codeWords.find((each) => each === words);
  return known && code && !ticket ? { kind: "code", word: known, code } : undefined;
}

/**
 * transferCode returns the code that the mail of a transfer had; undefined
 * without one.
 */
export function transferCode(ticket: string): string | undefined {
  return codes.get(ticket);
}

/** forgetTransferCode forgets a code that has done its work. */
export function forgetTransferCode(ticket: string): void {
  codes.delete(ticket);
}

/**
 * safeNext returns where to go after signing in: only a place of this console.
 */
export function safeNext(next: string | undefined): string | undefined {
  if (!next?.startsWith("/console/") || next.includes("\\") || next.startsWith("/console//")) return undefined;
  const { origin, pathname } = new URL(next, "https://here.invalid");
  return origin === "https://here.invalid" && pathname.startsWith("/console/")
    ? next.slice("/console".length)
    : undefined;
}
