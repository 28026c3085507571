/** The colours of the console: those of the system, or always light or dark. */
export type Theme = "system" | "light" | "dark";

const key = "theme";

/**
 * applyTheme sets and stores the theme of the page. Without an argument it sets
 * the stored one. It returns the theme.
 */
export function applyTheme(theme?: Theme): Theme {
  const kept = localStorage.getItem(key);
  const taken = theme ?? (kept === "light" || kept === "dark" ? kept : "system");
  if (taken === "system") {
    localStorage.removeItem(key);
    delete document.documentElement.dataset["theme"];
  } else {
    localStorage.setItem(key, taken);
    document.documentElement.dataset["theme"] = taken;
  }
  return taken;
}

const lastKey = "last-profile";

/**
 * The profile that was open last, which only decides where the console begins.
 */
export const lastProfile = {
  get: (): string | null => localStorage.getItem(lastKey),
  set: (id: string): void => localStorage.setItem(lastKey, id),
  clear: (): void => localStorage.removeItem(lastKey),
};
