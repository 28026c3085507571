const codes =
  "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sr sv th tr uk ur vi zh";

/**
 * The languages that a person can choose, each as it calls itself; one that the
 * account has already is among them.
 */
export function languages(also: string): { id: string; name: string }[] {
  const all = [...new Set([...codes.split(" "), also])].filter(Boolean).map((id) => ({ id, name: named(id) }));
  return all.sort((a, b) => a.name.localeCompare(b.name));
}

// The account may have a text that is no language.
function named(code: string): string {
  try {
    const name = new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code;
  }
}
