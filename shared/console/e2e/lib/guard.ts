import type { BrowserContext, Page, Response } from "@playwright/test";

type Refusal = { method: string; path: RegExp; status: number };

// A page asks for the signed-in person, and the answer says that there is none.
const usual: Refusal[] = [{ method: "GET", path: /^\/console\/session$/, status: 401 }];

// Tokens, sessions and codes have these forms: see shared/secret.
const secret = /\b[a-z]-[0-9A-Za-z]{30,}|\b[0-9A-Za-z]{34}\b/;

/**
 * Watches every page of the people of a test, and checks the rules that hold
 * for each screen at each moment: no violation of the policy, no error in the
 * console, no answer that the test did not expect, no request to another host,
 * and no secret outside of the fields for it.
 */
export class Guard {
  private wrong: string[] = [];
  private refusals: Refusal[] = [...usual];
  private secrets: string[] = [];
  private readonly pages = new Set<Page>();
  private readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  /** Begins a test, and forgets earlier messages. */
  begin(): void {
    this.wrong = [];
    this.refusals = [...usual];
    this.secrets = [];
  }

  /** Allows refused requests in this test. */
  expects(method: string, path: RegExp, status: number): void {
    this.refusals.push({ method, path, status });
  }

  /** A text that must not appear in wrong places, such as a password. */
  keeps(text: string): void {
    this.secrets.push(text);
  }

  async watch(context: BrowserContext): Promise<void> {
    await context.exposeBinding(
      "reportViolation",
      (_source, what: string) => void this.wrong.push(`the policy forbids ${what}`),
    );
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        const report = (globalThis as unknown as { reportViolation: (what: string) => void }).reportViolation;
        report(`${violatedDirective} ${blockedURI} (${sourceFile}:${lineNumber})`);
      });
    });
    context.on("page", (page) => this.watchPage(page));
  }

  private watchPage(page: Page): void {
    this.pages.add(page);
    page.on("close", () => this.pages.delete(page));
    page.on("pageerror", (error) => this.wrong.push(`an error that nobody caught: ${error.message}`));
    page.on("console", (message) => {
      // Answers are judged separately.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.wrong.push(`the console has: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (/^https?:$/.test(protocol) && origin !== this.origin) this.wrong.push(`it asks ${request.url()}`);
    });
    page.on("response", (response) => this.judge(response));
    page.on("framenavigated", (frame) => {
      const { pathname, search } = new URL(frame.url());
      this.search(`the address ${pathname}`, pathname + search);
    });
  }

  private judge(response: Response): void {
    const status = response.status();
    if (status < 400) return;
    const method = response.request().method();
    const path = new URL(response.url()).pathname;
    const expected = this.refusals.some((one) => one.status === status && one.method === method && one.path.test(path));
    if (!expected) this.wrong.push(`${method} ${path} is answered with ${status}`);
  }

  private search(where: string, text: string): void {
    const found = secret.exec(text)?.[0] ?? this.secrets.find((one) => text.includes(one));
    if (found) this.wrong.push(`${where} has a secret: ${found.slice(0, 12)}...`);
  }

  /** Ends a test, and returns all violations. */
  async end(): Promise<string[]> {
    await this.look();
    return [...new Set(this.wrong)];
  }

  /** Looks for secrets in everything that is left of the open pages. */
  async look(): Promise<void> {
    for (const page of this.pages) {
      if (!page.url().startsWith(this.origin)) continue;
      const left = await page.evaluate(async () => ({
        storage: JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
        caches: JSON.stringify(
          await Promise.all(
            (await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
          ),
        ),
        databases: (await indexedDB.databases()).map(({ name }) => name).join(),
        cookies: document.cookie,
        state: JSON.stringify(history.state),
        page: document.documentElement.outerHTML,
      }));
      for (const [where, text] of Object.entries(left))
        this.search(`the ${where} of ${new URL(page.url()).pathname}`, text);
      if (left.databases) this.wrong.push(`it keeps the databases ${left.databases}`);
      if (left.cookies) this.wrong.push("scripts can read a cookie");
    }
  }
}
