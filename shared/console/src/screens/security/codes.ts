/**
 * codesOf finds the recovery codes in the answer to a first pin. The answer is
 * a sentence followed by the codes.
 */
export function codesOf(answer: string): string[] {
  return answer.match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{1,8}\b/g) ?? [];
}

/**
 * sameCode compares codes as people type them: in capital or small letters,
 * with or without the dashes between.
 */
export function sameCode(a: string, b: string): boolean {
  const bare = (code: string) => code.replace(/[^0-9A-Za-z]/g, "").toUpperCase();
  return bare(a) !== "" && bare(a) === bare(b);
}

/**
 * secretOf is the key in the address of an authenticator; "" when it has none.
 */
export function secretOf(url: string): string {
  try {
    return new URL(url).searchParams.get("secret") ?? "";
  } catch {
    return "";
  }
}

/** grouped writes a key in groups of four, for a person who types it. */
export const grouped = (key: string): string => key.match(/.{1,4}/g)?.join(" ") ?? "";

/**
 * squares draws the matrix of a QR code as the path of a picture, one unit for
 * each module.
 */
export function squares(modules: readonly (readonly boolean[])[]): string {
  let path = "";
  for (const [y, row] of modules.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x++;
      path += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`;
    }
  }
  return path;
}
