import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import type { AuditSearch } from "./search.ts";
import { queryOf, type Span, windowsOf } from "./span.ts";

export type Entry = components["schemas"]["AuditEvent"];

/** The owner of the log: a profile, or the account. */
export type Log = { profile: string } | "account";

type Place = { window: number; next?: string | undefined };

const pageSize = 50;
// Windows without entries are skipped. As many windows are read at once as a
// page may read.
const most = 3;

type Params = ReturnType<typeof queryOf> & {
  start_date: string;
  end_date: string;
  limit: number;
  order: "asc" | "desc";
  nextToken?: string;
};

const keyOf = (log: Log) => (log === "account" ? keys.account : keys.profile(log.profile));

function read(log: Log, query: Params, signal: AbortSignal) {
  return log === "account"
    ? api.GET("/account/auditlog", { params: { query }, signal })
    : api.GET("/profile/{id}/auditlog", { params: { path: { id: log.profile }, query }, signal });
}

const within = ({ from, to }: Span) => ({
  start_date: new Date(from).toISOString(),
  end_date: new Date(to).toISOString(),
});

/** The entries that an address selects, newest first, a page at a time. */
export function entriesQuery(log: Log, span: Span, search: AuditSearch) {
  const windows = windowsOf(span);
  const filter = queryOf(search);
  return infiniteQueryOptions({
    queryKey: [...keyOf(log), "audit", span, filter],
    queryFn: async ({ pageParam, signal }) => {
      let place: Place | undefined = pageParam;
      const events: Entry[] = [];
      // The end of the part that was read, for the text of the button.
      let since = span.to;
      for (let asked = 0; place && asked < most && events.length < pageSize; asked++) {
        const window: Span | undefined = windows[place.window];
        if (!window) break;
        const answer: components["schemas"]["AuditView"] = await read(
          log,
          {
            ...filter,
            ...within(window),
            limit: pageSize,
            order: "desc",
            ...(place.next && { nextToken: place.next }),
          },
          signal,
        );
        events.push(...answer.events);
        const last = answer.events.at(-1);
        since = answer.nextToken && last ? Date.parse(last.date) : window.from;
        if (answer.nextToken) place = { window: place.window, next: answer.nextToken };
        else place = place.window + 1 < windows.length ? { window: place.window + 1 } : undefined;
      }
      return { events, since, next: place };
    },
    initialPageParam: { window: 0 } as Place,
    getNextPageParam: ({ next }) => next,
    // Entries do not change. A person who looks for newer ones searches again.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** One entry, by its time and its id; null when it is not there. */
export function entryQuery(log: Log, place: string) {
  return queryOptions({
    queryKey: [...keyOf(log), "audit", place],
    queryFn: async ({ signal }) => {
      const [at = "", id = ""] = place.split("-");
      const span = { from: Number(at), to: Number(at) + 1 };
      const { events } = await read(log, { ...within(span), limit: 1000, order: "asc" }, signal);
      return events.find((entry) => entry.id === id) ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** placeOf is the part of an address that names one entry. */
export const placeOf = ({ date, id }: Entry): string => `${Date.parse(date)}-${id}`;

/** fileOf fetches one window of the selected entries as a file. */
export const fileOf =
  (log: Log, search: AuditSearch, format: "csv" | "ndjson") =>
  async (window: Span): Promise<string> => {
    const query = { ...queryOf(search), ...within(window), limit: 1000, format };
    const file = await (log === "account"
      ? api.file("/account/auditlog", { params: { query } })
      : api.file("/profile/{id}/auditlog", { params: { path: { id: log.profile }, query } }));
    // The byte order mark at the beginning is kept: files are joined as they
    // are.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await file.arrayBuffer());
  };
