import { createContext, useContext, useMemo } from "react";
import { isDay } from "./days.ts";

/** How an account wants to read times and numbers. */
export type Preferences = {
  timezone: string;
  date_format?: string | undefined;
  time_format?: string | undefined;
  decimal_separator?: string | undefined;
  thousand_separator?: string | undefined;
};

const language = "en";

const nowWord = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second");

const compacts = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });

/** Writes times and numbers as the account wants to read them. */
export class Format {
  readonly zone: string;
  private readonly preferences: Preferences;
  private readonly numbers = new Intl.NumberFormat(language);
  private readonly relatives = new Intl.RelativeTimeFormat(language);

  constructor(preferences: Preferences) {
    this.preferences = preferences;
    this.zone = isZone(preferences.timezone) ? preferences.timezone : "UTC";
  }

  /** 12,345.6 */
  readonly number = (value: number): string => this.separated(this.numbers.formatToParts(value));

  /** 12.3K, for the axis of a chart. */
  readonly compact = (value: number): string => this.separated(compacts.formatToParts(value));

  /**
   * The day in the zone of the account, as fields of dates and the API want it:
   * 2026-11-27.
   */
  readonly dayOf = (when: string | number | Date): string =>
    new Intl.DateTimeFormat("en-CA", { timeZone: this.zone }).format(new Date(when));

  /** "27 Nov", "Nov 2026" or "14:00", for the axis of a chart. */
  readonly tick = (when: string | number | Date, as: "hour" | "day" | "month"): string => {
    const date = new Date(when);
    if (as === "hour") return this.clock(date, this.zone);
    return new Intl.DateTimeFormat(
      "en-GB",
      as === "day"
        ? { day: "numeric", month: "short", timeZone: this.zone }
        : { month: "short", year: "numeric", timeZone: this.zone },
    ).format(date);
  };

  /** Cents as 12.30 USD in the form of the account. */
  readonly money = (cents: number): string =>
    this.separated(
      new Intl.NumberFormat(language, {
        style: "currency",
        currency: "USD",
        currencyDisplay: "narrowSymbol",
      }).formatToParts(cents / 100),
    );

  /** The day, as the account writes days. */
  readonly date = (when: string | number | Date): string => this.day(new Date(when), this.zone);

  /**
   * A day of the calendar, such as 2026-11-27: it is the same day in every
   * zone. Another text stays as it is.
   */
  readonly calendarDay = (day: string): string => (isDay(day) ? this.day(new Date(`${day}T00:00:00Z`), "UTC") : day);

  /** The day and the minute. */
  readonly moment = (when: string | number | Date, zone = this.zone): string => {
    const date = new Date(when);
    return `${this.day(date, zone)}, ${this.clock(date, zone)}`;
  };

  /** The day and the second. */
  readonly second = (when: string | number | Date): string => {
    const date = new Date(when);
    return `${this.day(date, this.zone)}, ${this.clock(date, this.zone, true)}`;
  };

  /** The second, with its zone, and beside it the same in UTC. */
  readonly exact = (when: string | number | Date): string => {
    const date = new Date(when);
    const utc = date
      .toISOString()
      .replace("T", " ")
      .replace(/[.]\d+Z$/, " UTC");
    if (this.zone === "UTC") return utc;
    return `${this.day(date, this.zone)}, ${this.clock(date, this.zone, true)} ${this.zone} (${utc})`;
  };

  /**
   * "in 3 days", "2 minutes ago". Something that was created a moment ago for 7
   * days has 7 days left, not 6. Months are long, so that days are counted up
   * to a hundred. Days of the calendar, such as tomorrow, are not meant: 47
   * hours from now is no tomorrow.
   */
  readonly relative = (when: string | number | Date, now = Date.now()): string => {
    const seconds = Math.round((new Date(when).getTime() - now) / 1000);
    const units: [Intl.RelativeTimeFormatUnit, number, least: number][] = [
      ["year", 31_536_000, 1],
      ["month", 2_592_000, 100 / 30],
      ["day", 86_400, 1],
      ["hour", 3600, 1],
      ["minute", 60, 1],
    ];
    for (const [unit, length, least] of units) {
      const count = seconds / length + (seconds > 0 ? 0.02 : 0);
      if (Math.abs(count) >= least) return this.relatives.format(Math.trunc(count), unit);
    }
    return nowWord;
  };

  private day(date: Date, zone: string): string {
    const shape = this.preferences.date_format;
    if (!shape)
      return new Intl.DateTimeFormat(language, {
        day: "numeric",
        month: "short",
        year: "numeric",
        timeZone: zone,
      }).format(date);
    const parts = new Intl.DateTimeFormat(language, {
      day: "2-digit",
      month: "2-digit",
      year: "numeric",
      timeZone: zone,
    }).formatToParts(date);
    const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
    return shape.replace("YYYY", part("year")).replace("MM", part("month")).replace("DD", part("day"));
  }

  private clock(date: Date, zone: string, seconds = false): string {
    return new Intl.DateTimeFormat(language, {
      hour: "2-digit",
      minute: "2-digit",
      ...(seconds && { second: "2-digit" }),
      hourCycle: this.preferences.time_format === "12" ? "h12" : "h23",
      timeZone: zone,
    }).format(date);
  }

  private separated(parts: Intl.NumberFormatPart[]): string {
    const { decimal_separator: decimal, thousand_separator: group } = this.preferences;
    return parts
      .map(({ type, value }) =>
        type === "decimal" && decimal ? decimal : type === "group" && group !== undefined ? group : value,
      )
      .join("");
  }
}

/** isZone says whether the browser knows a time zone. */
function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat(language, { timeZone: zone });
    return zone !== "";
  } catch {
    return false;
  }
}

/** The zone of the browser. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

const list = new Intl.ListFormat(language);

/** "a, b, and c" */
export function listed(words: readonly string[]): string {
  return list.format(words);
}

/** capital begins a sentence. An address stays as it is. */
export function capital(text: string): string {
  if (/^\S*@/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const cardinal = new Intl.PluralRules(language);

/** plural chooses the form of a word for a number. */
export function plural(count: number, one: string, other: string): string {
  return cardinal.select(count) === "one" ? one : other;
}

/** The preferences of the account; before the sign-in, those of the browser. */
export const PreferencesContext = createContext<Preferences>({ timezone: ownZone() });

/** useFormat returns the formats of the account that is signed in. */
export function useFormat(): Format {
  const preferences = useContext(PreferencesContext);
  return useMemo(() => new Format(preferences), [preferences]);
}
