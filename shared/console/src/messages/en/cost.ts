import { plural } from "../../lib/format.ts";

/** Texts of the account's cost: the charges and their reasons. */
export const cost = {
  title: "Statistics",
  lead: "What the account was charged, divided over profiles and services. Months are counted in UTC.",
  month: "Month",
  earlier: "Month before",
  later: "Month after",
  csv: "CSV",
  csvLabel: (month: string) => `Download the cost of ${month} as CSV`,
  charged: (month: string) => `Charged in ${month}`,
  running: "so far; more is added when something is bought",
  next: "Next renewal",
  nextLead: (when: string) => `On ${when}, if nothing changes until then.`,
  noRenewal: "The plan Free is not renewed and costs nothing.",

  byProfile: "By profile and service",
  byProfileLead: "Choose a number to see the charges it is made of.",
  what: { charged: "Charged", forecast: "Next renewal" },
  showing: "Show",
  chart: (what: string) => `${what} by profile`,
  matrix: (what: string) => `${what} by profile and service`,
  profile: "Profile",
  plan: "Plan",
  planRow: "Plan",
  planNote: "of the account as a whole",
  unallocated: "Not allocated",
  unallocatedNote: "no profile had it",
  gone: "Deleted or given away",
  total: "Total",
  nothing: "–",
  cell: (row: string, column: string, amount: string) => `${row}, ${column}: ${amount}. Show its charges`,
  scroll: "Table; scrolls sideways",

  emptyTitle: (month: string) => `Nothing was charged in ${month}`,
  empty: "Plans, larger limits and add-ons are charged when they are bought and when the subscription is renewed.",
  compare: "Compare plans",
  emptyForecast: "Nothing will be charged.",

  statement: "Statement",
  statementLead:
    "Charges as they were recorded. Nobody collects them: there is no payment provider. Each covers the time that is given.",
  chargeOf: "For",
  limit: "Limit",
  period: "Covers",
  amount: "Amount",
  at: "Charged",
  sum: (count: string, charges: number, amount: string) =>
    `${count} ${plural(charges, "charge", "charges")}: ${amount}`,
  equal: "The same as the total above, to the cent.",
  unequal: (statement: string, total: string) =>
    `The statement comes to ${statement} and the table to ${total}. This is a defect: please tell the operator of this service.`,

  linesTitle: (row: string, column: string) => `${row}: ${column}`,
  linesLead: (amount: string) => `${amount}, from these charges.`,
  part: "Its part",
  whole: "Of a charge of",
  addonOf: (addon: string) => `Add-on: ${addon}`,
};
