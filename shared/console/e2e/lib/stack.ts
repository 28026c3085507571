import { request } from "node:http";

const { TAGOIO_API, MAILBOX, TEST_WORKER_INDEX } = process.env;

function needed(name: string, value: string | undefined): string {
  if (!value) throw new Error(`${name} must be the address of a fresh stack: run this with make browser`);
  return value;
}

/**
 * The address of the API, past the network of the tests, for requests that no
 * person at a browser sends.
 */
export const api = () => needed("TAGOIO_API", TAGOIO_API);
const mailbox = () => needed("MAILBOX", MAILBOX);

export type Mail = { at: number; to: string; subject: string; text: string; html: string };

type Kept = { at: number; subject: string; destination: { to: string[] }; body: { text?: string; html?: string } };

/** The mails to an address, oldest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const answer = await fetch(`${mailbox()}/store`);
  const { emails } = (await answer.json()) as { emails: Kept[] };
  return emails
    .filter(({ destination }) => destination.to.includes(address))
    .sort((a, b) => a.at - b.at)
    .map(({ at, subject, body }) => ({ at, to: address, subject, text: body.text ?? "", html: body.html ?? "" }));
}

/**
 * The last mail to an address with a subject like this that came after a number
 * of others. The stream delivers mails in less than a second.
 */
export async function lastMail(address: string, subject = /./, before = 0): Promise<Mail> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const last = (await mailsTo(address)).slice(before).findLast((mail) => subject.test(mail.subject));
    if (last) return last;
    if (Date.now() > deadline) throw new Error(`no mail like ${subject} came to ${address} after ${before} others`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The links of a mail into the console: their paths, without the host. */
export function linksOf(mail: Mail): string[] {
  const found = mail.text.match(/https?:\/\/\S+\/console\S*/g) ?? [];
  return [...new Set(found.map((link) => link.slice(link.indexOf("/console"))))];
}

/** The only link of a mail that leads to this path. */
export function linkOf(mail: Mail, to: RegExp): string {
  const [link, ...others] = linksOf(mail).filter((one) => to.test(one));
  if (!link || others.length > 0)
    throw new Error(`"${mail.subject}" has the links ${linksOf(mail).join(", ")}: one must be like ${to}`);
  return link;
}

export type Answer<T> = { status: number; result: T; code: string; message: string };

let test = 0;

/** Gives the next requests another source address, that of the next test. */
export function moveOn(): void {
  test++;
}

/**
 * The source address of requests, where a machine has more than one address.
 * Few accounts can be made from one address in an hour, and people of different
 * tests do not share an address.
 */
export function here(): { localAddress?: string } {
  if (process.platform !== "linux") return {};
  const worker = Number(TEST_WORKER_INDEX ?? 0) % 250;
  return { localAddress: `127.${worker + 1}.${Math.floor(test / 250) % 250}.${(test % 250) + 1}` };
}

/** Sends a request without a browser, as a program would. */
export async function call<T = unknown>(
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<Answer<T>> {
  const sending = body ? JSON.stringify(body) : "";
  // Without a length, a DELETE has no body.
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(sending),
    ...(token && { token }),
  };
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(api() + path, { method, headers, ...here() }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(sending);
  });
  const { result, code, message } = JSON.parse(text) as { result: T; code?: string; message?: string };
  return { status, result, code: code ?? "", message: message ?? "" };
}

/** Sends a request that must succeed. */
export async function done<T = unknown>(method: string, path: string, body?: object, token?: string): Promise<T> {
  const answer = await call<T>(method, path, body, token);
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.message}`);
  return answer.result;
}
