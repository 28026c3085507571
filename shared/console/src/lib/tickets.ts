/**
 * ticketOf reads a ticket in any form that people write. It returns undefined
 * for other texts.
 */
export function ticketOf(text: string): string | undefined {
  const letters = text.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const [, first, last] = /^TR([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})$/.exec(letters) ?? [];
  return first && last && `TR-${first}-${last}`;
}
