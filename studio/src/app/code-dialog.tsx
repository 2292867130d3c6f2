import { signal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { codeOf } from "./code.js";

export const isCodeShown = signal(false);
const said = signal("");

/** The script that does the same as a view. */
export function CodeDialog({ view }: { readonly view: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  useSignalEffect(() => {
    if (isCodeShown.value) ref.current?.showModal();
    else ref.current?.close();
  });
  const code = isCodeShown.value ? codeOf(view) : "";
  return (
    <dialog
      ref={ref}
      aria-labelledby="code-title"
      onClose={() => {
        isCodeShown.value = false;
        said.value = "";
      }}
    >
      <header>
        <h2 id="code-title">As code</h2>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isCodeShown.value = false;
          }}
        >
          Close
        </button>
      </header>
      <p class="note">
        The same computation as a script. Save it as <code>script.mjs</code> beside an installed <code>spikevine</code>{" "}
        and run <code>node script.mjs</code>.
      </p>
      <section
        class="code"
        aria-label="Script"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        <pre>{code}</pre>
      </section>
      <button
        type="button"
        onClick={async () => {
          try {
            await navigator.clipboard.writeText(code);
            said.value = "Copied.";
          } catch {
            said.value = "The browser does not allow copying; select the text.";
          }
        }}
      >
        Copy the script
      </button>{" "}
      <span role="status">{said.value}</span>
    </dialog>
  );
}
