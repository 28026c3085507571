import { capital } from "../../lib/format.ts";

/** Texts of a profile's statistics. */
export const statistics = {
  title: "Statistics",
  lead: (zone: string) =>
    `What this profile had used, as running totals of each cycle, and what it stores. Times are those of ${zone}.`,
  readOnly: (owner: string) => `Only ${owner} sees what the profile costs.`,

  span: "Span",
  spans: { today: "Today", week: "7 days", month: "30 days", year: "12 months" },
  from: "From",
  to: "To",
  by: "Step",
  steps: { hour: "Hour", day: "Day", month: "Month" },
  apply: "Show",
  tooLong: (step: string) => `That is too long for hours, of which 31 days are shown at most: this is by ${step}.`,
  wrongOrder: "The span ends before it begins.",

  services: "Services",
  servicesLead: "Choose one to see it below.",
  usedOf: (used: string, limit: string) => `${used} of ${limit}`,
  noLimit: (used: string) => `${used}, and no limit is left to this profile`,
  nothing: "nothing yet",

  chart: (service: string, span: string) => `${service}, ${span}`,
  chartHint: "Arrow keys go from point to point; Home and End to the first and the last.",
  counter: (unit: string) => `Total of the cycle in ${unit}. It begins at zero with each cycle.`,
  level: (unit: string) => `${capital(unit)} at the time. It does not begin anew with a cycle.`,
  more: (change: string) => `${change} since the step before`,
  begins: "a new cycle",
  ofLimit: (percent: string, limit: string) => `${percent} of ${limit}`,

  table: (service: string) => `${service} by time`,
  tableScroll: (service: string) => `${service} by time; scrolls`,
  time: "Until the end of",
  total: "Total",
  change: "Change",
  csv: "CSV",
  csvLabel: "Download these statistics as CSV",

  emptyTitle: "Nothing was used in this span",
  empty: "What a data plane reports appears here within seconds, by the hour.",

  cost: "Cost of this profile",
  costLead: (month: string) => `Its part of what the account was charged in ${month}. Only the owner sees this.`,
  costTotal: "Total",
  costNext: (when: string) => `At the renewal on ${when}`,
  costNone: "Nothing was charged for this profile this month.",
  costAll: "Cost of all profiles",
};
