const types = { csv: "text/csv;charset=utf-8", ndjson: "application/x-ndjson", text: "text/plain;charset=utf-8" };

/**
 * Saves a file that the page has. A text is a table, unless something else is
 * said.
 */
export function download(name: string, content: Blob | string, kind: keyof typeof types = "csv"): void {
  const blob = typeof content === "string" ? new Blob([content], { type: types[kind] }) : content;
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the file when the click is over; some look again a
  // little later.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * csv writes rows as RFC 4180 has them. Texts that a spreadsheet would run get
 * an apostrophe.
 */
export function csv(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
