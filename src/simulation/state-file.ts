import { emitStatements } from "../equations/emit-javascript.js";
import { SpikevineError } from "../errors.js";
import { mix } from "../random/counter.js";
import type { SimulationModel } from "./model.js";

/**
 * A saved simulation: "SPKVSTAT", the length of the header (32 bits, little-endian), the header as JSON, and what
 * the executor saved.
 */
const MAGIC = "SPKVSTAT";

/** What must be the same for a state to go on: one text for each part, so that an error can name the part. */
export type Fingerprint = Readonly<Record<string, string>>;

interface Header {
  readonly version: 1;
  readonly step: number;
  readonly trial: number;
  readonly model: Fingerprint;
}

/** Describes a model part by part. Arrays and formulas go in as a number that is different for different content. */
export function fingerprint(model: SimulationModel, dt: number, executor: string): Fingerprint {
  const parts: Record<string, string> = { dt: `${dt} ms`, seed: `${model.seed}`, executor };
  for (const { name, size, next, spike, drives, noise, given } of model.populations) {
    const { statements, results } = emitStatements(
      { ...next, ...(spike ? { spike__now: spike } : {}) },
      { symbol: (s) => s },
    );
    const inputs = [
      ...drives.map(({ values, stepsPerRow }) => `${stepsPerRow}:${digest(values)}`),
      ...noise.map(({ counters }) => counters.join(":")),
      ...(given ? [digest(given.steps), digest(given.units)] : []),
    ];
    const equations = digestText([...statements, JSON.stringify(results), ...inputs].join("\n"));
    parts[`population "${name}"`] = `${size} units, equations and inputs ${equations}`;
  }
  model.projections.forEach(({ name, rowStart, targets, weights, delays }, p) => {
    const numbers = [rowStart, targets, weights, delays].map((a) => (typeof a === "number" ? a : digest(a))).join(":");
    parts[`${name} (number ${p})`] = `${targets.length} synapses, content ${digestText(numbers)}`;
  });
  model.plastic.forEach(({ name, rowStart, targets, weights, delays, state, kernel, signal }, p) => {
    const { step, onPre, onPost, initial } = kernel;
    const numbers = [rowStart, targets, weights, delays, signal.values]
      .map((a) => (typeof a === "number" ? a : digest(a)))
      .join(":");
    const equations = [step, onPre, onPost].map((formulas) => emitStatements(formulas, { symbol: (s) => s }));
    const rest = JSON.stringify([equations, initial, state, signal.stepsPerRow]);
    parts[`plastic ${name} (number ${p})`] =
      `${targets.length} synapses, content ${digestText(numbers)}, equations of ${kernel.name} ${digestText(rest)}`;
  });
  model.events.forEach(({ steps, units, weight }, e) => {
    parts[`list of events ${e}`] =
      `${steps.length} events, content ${digestText(`${digest(steps)}:${digest(units)}:${weight}`)}`;
  });
  return parts;
}

export function writeState(header: Omit<Header, "version">, state: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ version: 1, ...header }));
  const bytes = new Uint8Array(MAGIC.length + 4 + text.length + state.length);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, text.length, true);
  bytes.set(text, MAGIC.length + 4);
  bytes.set(state, MAGIC.length + 4 + text.length);
  return bytes;
}

/**
 * @throws SpikevineError if the bytes are no saved simulation, or one of another model: then it names the first part that
 * differs.
 */
export function readState(bytes: Uint8Array, model: Fingerprint): { step: number; trial: number; state: Uint8Array } {
  const broken = new SpikevineError(
    "saved state: these bytes are no saved simulation, or not all of one; give what save() returned.",
  );
  const start = MAGIC.length + 4;
  if (bytes.length < start || new TextDecoder("latin1").decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw broken;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(MAGIC.length, true);
  if (start + length > bytes.length) throw broken;
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(start, start + length))) as Header;
  } catch {
    throw broken;
  }
  if (header.version !== 1 || typeof header.model !== "object" || header.model === null) throw broken;
  if (!Number.isInteger(header.step) || header.step < 0 || !Number.isInteger(header.trial)) throw broken;
  for (const part of new Set([...Object.keys(model), ...Object.keys(header.model)])) {
    const [saved, here] = [header.model[part], model[part]].map((text) => text ?? "absent");
    if (saved === here) continue;
    throw new SpikevineError(
      `saved state: it is of another model: ${part} is ${saved} there and ${here} here; build the same simulation, then restore.`,
    );
  }
  return { step: header.step, trial: header.trial, state: bytes.subarray(start + length) };
}

/** 64 bits that depend on every byte of an array. */
function digest(array: Float32Array | Float64Array | Uint32Array | Uint16Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const view = new DataView(array.buffer, array.byteOffset, array.byteLength);
  let a = bytes.length;
  let b = 0x9e3779b9;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    a = mix(a ^ view.getUint32(at, true));
    b = (Math.imul(b, 31) + a) | 0;
  }
  for (let at = whole; at < bytes.length; at++) a = mix(a ^ bytes[at]!);
  return `${a.toString(16)}${(mix(b ^ a) >>> 0).toString(16)}`;
}

const digestText = (text: string): string => digest(Uint16Array.from(text, (character) => character.charCodeAt(0)));
