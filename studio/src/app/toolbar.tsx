import { signal } from "@preact/signals";
import { isCodeShown } from "./code-dialog.js";
import { linkTo, view } from "./link.js";
import { shownTheme, theme } from "./theme.js";

const said = signal("");

async function copyLink(): Promise<void> {
  const address = `${location.origin}${location.pathname}${linkTo(view.value)}`;
  try {
    await navigator.clipboard.writeText(address);
    said.value = "Link copied";
  } catch {
    said.value = "The address of this page is the link";
  }
}

/** Link, code and theme. */
export function Toolbar() {
  const next = shownTheme.value === "dark" ? "light" : "dark";
  return (
    <div class="toolbar">
      <span class="said" role="status">
        {said.value}
      </span>
      <button type="button" class="quiet" onClick={copyLink} title="A link that holds all settings">
        Copy link
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          isCodeShown.value = true;
        }}
        title="The script that does the same in Node"
      >
        As code
      </button>
      <button
        type="button"
        class="quiet icon"
        aria-label={`Switch to the ${next} theme`}
        onClick={() => {
          theme.value = next;
        }}
      >
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <circle cx="10" cy="10" r="7" />
          <path d="M10 3a7 7 0 0 0 0 14z" class="half" />
        </svg>
      </button>
    </div>
  );
}
