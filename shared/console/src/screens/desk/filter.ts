/** Which of the open transfers are shown. */
export type Filter = "support" | "late" | "all";

/** isFilter says whether a text names a filter. */
export function isFilter(text: unknown): text is Filter {
  return text === "support" || text === "late" || text === "all";
}
