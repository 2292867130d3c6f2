import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "spikevine-theme";
const isDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(isDark.matches);
isDark.addEventListener("change", () => {
  systemIsDark.value = isDark.matches;
});

export const theme = signal<Theme>(stored());
/** The theme that is shown. */
export const shownTheme = signal<"light" | "dark">("light");

/** Applies the theme to the page and keeps the choice. */
export function followTheme(): void {
  effect(() => {
    const shown = theme.value === "system" ? (systemIsDark.value ? "dark" : "light") : theme.value;
    document.documentElement.dataset.theme = shown;
    shownTheme.value = shown;
    try {
      localStorage.setItem(KEY, theme.value);
    } catch {
      // A browser that stores nothing keeps the choice until the page is closed.
    }
  });
}

function stored(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system";
  }
}
