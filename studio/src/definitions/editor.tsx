import { useId } from "preact/hooks";
import { lineOf } from "./locate.js";
import type { Place } from "./read-text.js";

export interface EditorProblem {
  readonly message: string;
  readonly place: Place | undefined;
}

export interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly problem: EditorProblem | undefined;
  onText(text: string): void;
}

/** A text with the place of its mistake marked, and the sentence about it below. */
export function Editor({ label, text, problem, onText }: EditorProps) {
  const id = useId();
  const place = problem?.place;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="editor">
        {/* The marks lie behind the text, which has the same letters at the same places. */}
        <pre aria-hidden="true">
          {place === undefined ? (
            text
          ) : (
            <>
              {text.slice(0, place.from)}
              <mark>{text.slice(place.from, place.to) || " "}</mark>
              {text.slice(place.to)}
            </>
          )}
          {"\n"}
        </pre>
        <textarea
          id={id}
          value={text}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      </div>
      <p id={`${id}-problem`} role="status" class={problem === undefined ? "hint" : "problem"} data-testid="problem">
        {problem === undefined ? "No mistakes." : sentence(text, problem)}
      </p>
    </div>
  );
}

function sentence(text: string, { message, place }: EditorProblem): string {
  if (place === undefined) return message;
  const { line, column } = lineOf(text, place);
  return `Line ${line}, column ${column}: ${message}`;
}
