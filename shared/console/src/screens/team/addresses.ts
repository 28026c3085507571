/**
 * The addresses in a pasted text, each once, and the parts that are no
 * addresses.
 */
export type Addresses = { addresses: string[]; others: string[] };

const address = /^[^\s@<>"]+@[^\s@<>"]+$/;

/**
 * readAddresses finds addresses between line ends, commas, semicolons and
 * spaces, also as `Zoe Miller <zoe@example.com>`.
 */
export function readAddresses(text: string): Addresses {
  const addresses: string[] = [];
  const others: string[] = [];
  const seen = new Set<string>();
  const take = (one: string) => {
    const known = one.toLowerCase();
    if (seen.has(known)) return;
    seen.add(known);
    (address.test(one) ? addresses : others).push(one);
  };
  for (const part of text.split(/[\n,;]+/).map((each) => each.trim())) {
    if (part === "") continue;
    const named = /<([^<>]*)>$/.exec(part)?.[1];
    const words = part.split(/\s+/);
    if (named !== undefined && address.test(named.trim())) take(named.trim());
    else if (words.every((word) => word.includes("@"))) words.forEach(take);
    else take(part);
  }
  return { addresses, others };
}
