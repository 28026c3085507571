import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { here } from "./stack.ts";

/** The faults that a request can meet. */
export type Fault = {
  /** Milliseconds before the service sees the request. */
  delay?: number;
  /** The service does not get the request before this has happened. */
  until?: Promise<void>;
  /**
   * The connection breaks, before the service gets the request or after it has
   * answered.
   */
  cut?: "before" | "after";
  /** An answer that is not from the service. */
  status?: number;
  headers?: Record<string, string>;
};

export type Seen = { method: string; path: string; status: number };

/**
 * A page of the console's origin that has nothing. A browser which goes there
 * keeps its process and the scripts that it has compiled, but leaves the page.
 */
export const emptyPage = "/empty-page-of-the-tests";

/** The number of requests that did not reach the service. */
export const playedId = "played-by-the-tests";

type Rule = { method: string; path: RegExp; fault: Fault; left: number };

const isStatic = (path: string) => path.startsWith("/console") && !path.startsWith("/console/session");

/**
 * Stands between the browser and the stack. It counts the requests of the
 * browser, and plays a network and a service that fail. The Host of the browser
 * stays, because sessions need the same host in Origin and Host.
 */
export class Network {
  readonly seen: Seen[] = [];
  readonly origin: string;
  /** The number of requests that have no answer yet. */
  pending = 0;
  private rules: Rule[] = [];
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async before(api: string): Promise<Network> {
    let network: Network;
    const server = createServer((incoming, outgoing) => void network.serve(api, incoming, outgoing));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    network = new Network(server);
    return network;
  }

  /**
   * Makes a number of the next requests fail. Returns how many of them have not
   * come yet.
   */
  fail(method: string, path: RegExp, fault: Fault, times = 1): () => number {
    const rule = { method, path, fault, left: times };
    this.rules.push(rule);
    return () => rule.left;
  }

  /** Forgets faults. */
  heal(): void {
    this.rules = [];
  }

  /** The requests since a moment, without those for the page's own files. */
  since(start: number): { api: Seen[]; files: Seen[] } {
    const all = this.seen.slice(start);
    return { api: all.filter(({ path }) => !isStatic(path)), files: all.filter(({ path }) => isStatic(path)) };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(api: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.url === emptyPage) {
      // Without this header, as pages of the console have it, a browser takes
      // another process.
      outgoing.writeHead(200, { "content-type": "text/html", "cross-origin-opener-policy": "same-origin" });
      return void outgoing.end("<!doctype html><title>Empty</title>");
    }
    const seen: Seen = { method: incoming.method ?? "", path: incoming.url ?? "", status: 0 };
    this.seen.push(seen);
    this.pending++;
    outgoing.on("close", () => this.pending--);
    const [asked = ""] = seen.path.split("?");
    const rule = this.rules.find(({ method, path, left }) => left > 0 && method === seen.method && path.test(asked));
    if (rule) rule.left--;
    const { delay, until, cut, status, headers }: Fault = rule?.fault ?? {};
    if (cut === "before") return void incoming.socket.destroy();
    if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
    await until;
    if (status) {
      incoming.resume();
      seen.status = status;
      outgoing.writeHead(status, { "content-type": "application/json", "x-request-id": playedId, ...headers });
      return void outgoing.end(JSON.stringify({ status: false, message: "Internal Server Error", code: "internal" }));
    }
    const onward = request(api + seen.path, { method: seen.method, headers: incoming.headers, ...here() }, (answer) => {
      if (cut) {
        answer.resume();
        return void incoming.socket.destroy();
      }
      seen.status = answer.statusCode ?? 0;
      outgoing.writeHead(seen.status, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}
