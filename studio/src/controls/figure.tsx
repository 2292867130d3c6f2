import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { download } from "./download.js";
import { Formula } from "./formula.js";

export interface FigureProps {
  readonly title: string;
  /** Equations of what the figure shows. */
  readonly formulas?: readonly string[];
  /** A sentence below the title. */
  readonly note?: ComponentChildren;
  readonly wide?: boolean;
  /** The figure as SVG; made on demand. */
  svg?: (() => string | Promise<string>) | undefined;
  /** The data as CSV; made on demand. */
  csv?: (() => string) | undefined;
  readonly children: ComponentChildren;
}

/** A figure with its title, the equations that it shows, and its downloads. */
export function Figure({ title, formulas = [], note, wide = false, svg, csv, children }: FigureProps) {
  const id = useId();
  const file = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return (
    <section class={wide ? "figure wide" : "figure"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <span class="downloads">
          {svg !== undefined && (
            <button
              type="button"
              class="quiet"
              aria-label={`Save ${title} as SVG`}
              onClick={async () => download(`${file}.svg`, await svg(), "image/svg+xml")}
            >
              SVG
            </button>
          )}
          {csv !== undefined && (
            <button
              type="button"
              class="quiet"
              aria-label={`Save the data of ${title} as CSV`}
              onClick={() => download(`${file}.csv`, csv(), "text/csv")}
            >
              CSV
            </button>
          )}
        </span>
      </header>
      {formulas.length > 0 && (
        <p class="formulas">
          {formulas.map((text) => (
            <Formula key={text} text={text} />
          ))}
        </p>
      )}
      {note !== undefined && <p class="note">{note}</p>}
      {children}
    </section>
  );
}
