/** How the console is coloured: as the system is, or always light or dark. */
export type Theme = "system" | "light" | "dark";

const key = "theme";

/** applyTheme colours the page as it is told, and keeps that; without a theme it takes the one that is kept. It returns what it took. */
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

/** The profile that was open last, which only decides where the console begins. */
export const lastProfile = {
  get: (): string | null => localStorage.getItem(lastKey),
  set: (id: string): void => localStorage.setItem(lastKey, id),
  clear: (): void => localStorage.removeItem(lastKey),
};
