/**
 * parseAmount reads a whole number, with groups of three or without; undefined
 * for anything else.
 */
export function parseAmount(text: string): number | undefined {
  const trimmed = text.trim();
  const plain = /^\d{1,3}([.,'’\s\u00a0\u202f])\d{3}(\1\d{3})*$/.test(trimmed)
    ? trimmed.replace(/[.,'’\s\u00a0\u202f]/g, "")
    : trimmed;
  const value = /^\d{1,15}$/.test(plain) ? Number(plain) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

/**
 * inRange reads a whole number from min to max; undefined for anything else.
 */
export function inRange(text: string, min: number, max: number): number | undefined {
  const value = parseAmount(text);
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
