import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  /** A sentence below the field. */
  readonly hint?: string | undefined;
}

function Field({
  label,
  hint,
  id,
  children,
}: FieldProps & { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export interface Choices extends FieldProps {
  readonly value: string;
  readonly options: readonly (string | readonly [value: string, text: string])[];
  readonly disabled?: boolean;
  onChange(value: string): void;
}

/** One of several values. */
export function Choice({ label, hint, value, options, disabled = false, onChange }: Choices) {
  const id = useId();
  return (
    <Field label={label} hint={hint} id={id}>
      <select
        id={id}
        disabled={disabled}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...(hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
      >
        {options.map((option) => {
          const [name, text] = typeof option === "string" ? [option, option] : option;
          return (
            <option key={name} value={name}>
              {text}
            </option>
          );
        })}
      </select>
    </Field>
  );
}

export interface Numbers extends FieldProps {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step?: number | "any";
  onChange(value: number): void;
}

/** A number that is typed. A number outside the limits is not taken. */
export function NumberField({ label, hint, value, least, most, step = 1, onChange }: Numbers) {
  const id = useId();
  return (
    <Field label={label} hint={hint} id={id}>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={least}
        max={most}
        step={step}
        value={value}
        onChange={(event) => {
          const given = event.currentTarget.valueAsNumber;
          if (given >= least && given <= most && (step === "any" || Number.isInteger(given / step))) onChange(given);
          else event.currentTarget.value = String(value);
        }}
        {...(hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
      />
    </Field>
  );
}

export interface Sliding extends Numbers {
  /** The value with its unit, beside the label. */
  readonly text: string;
}

/** A number that is moved. */
export function Slider({ label, hint, value, least, most, step = 1, text, onChange }: Sliding) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        {label} <output for={id}>{text}</output>
      </label>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  );
}

export interface Texts extends FieldProps {
  readonly value: string;
  readonly invalid?: boolean;
  onChange(value: string): void;
}

/** A line of text. */
export function TextField({ label, hint, value, invalid = false, onChange }: Texts) {
  const id = useId();
  return (
    <Field label={label} hint={hint} id={id}>
      <input
        id={id}
        type="text"
        spellcheck={false}
        autocomplete="off"
        value={value}
        aria-invalid={invalid}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...(hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
      />
    </Field>
  );
}

/** Something that is on or off. */
export function Toggle({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: boolean;
  onChange(value: boolean): void;
}) {
  return (
    <label class="toggle">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
