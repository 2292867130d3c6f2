import { emitStatements } from "../../equations/kernels/emit-javascript.js";
import { SpikevineError } from "../../errors.js";
import { checksum, digest, digestText } from "../../io/checksum.js";
import type { SimulationModel } from "../model.js";
import { joinSections, splitSections } from "./state-sections.js";

/**
 * A saved simulation: "SPKVSTAT", the length of the header (32 bits, little-endian), the header as JSON, the states of
 * the executor and of the monitors, each preceded by its length, and a checksum of 64 bits over all of that.
 */
const MAGIC = "SPKVSTAT";

/** Everything that must be equal to resume: one text per part, so that an error can name the part. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Form 1 has no checksum; form 2 does not tell which synapses have values and delays of their own. */
const VERSION = 3;
const FORMER_WRITERS = new Map<unknown, string>([
  [1, "Spikevine 0.1.0"],
  [2, "an earlier state of Spikevine 0.2.0"],
]);

interface Header {
  readonly version: typeof VERSION;
  readonly step: number;
  readonly trial: number;
  /** For each plastic projection, the states that have been given values of their own for every synapse. */
  readonly distinct: readonly (readonly string[])[];
  /** For each projection and pathway, when its delays changed, and former ones of spikes on the way; null without a change. */
  readonly delays: readonly unknown[];
  /** For each projection, the plastic ones last, true if it was on. Absent in states of an earlier version: as now. */
  readonly active?: readonly boolean[];
  readonly model: Fingerprint;
  /** Names of the monitors whose content is saved too; absent if none is. */
  readonly monitors?: readonly string[];
}

/** Saved content that the model does not determine. */
export interface SavedState extends Pick<Header, "step" | "trial" | "distinct" | "delays" | "active" | "monitors"> {
  /** Of the executor, then of each monitor. */
  readonly sections: readonly Uint8Array[];
}

const CHECKSUM_BYTES = 8;

/**
 * Describes the structure of a model part by part: sizes, equations, synapses and delays, each represented by a hash of its
 * content. Values such as weights, parameters and inputs are not part of it, since they may change between runs, except for
 * parameters of synapses that run from event to event.
 */
export function fingerprint(
  model: SimulationModel,
  dt: number,
  executor: { readonly description: string; readonly own: { has(plastic: number): boolean } },
): Fingerprint {
  const parts: Record<string, string> = { dt: `${dt} ms`, seed: `${model.seed}`, executor: executor.description };
  for (const { name, size, states, equations } of model.populations) {
    parts[`population "${name}"`] = `${size} neurons, equations ${digestText(`${states.join()} ${equations}`)}`;
  }
  // Former delays are a part of the state.
  const present = model.projections.filter(({ sent }) => sent?.before === undefined);
  present.forEach(({ name, rowStart, targets, delays, state }, p) => {
    const numbers = [rowStart, targets, delays, state].map((a) => (typeof a === "number" ? a : digest(a))).join(":");
    parts[`${name} (number ${p})`] = `${targets.length} synapses, pairs and delays ${digestText(numbers)}`;
  });
  model.plastic.forEach((plastic, p) => {
    const { name, rowStart, targets, kernel } = plastic;
    const pathways = plastic.pathways.filter(({ sent }) => sent?.before === undefined);
    const delays = pathways.map((pathway) => pathway.delays);
    const numbers = [rowStart, targets, ...delays].map((a) => (typeof a === "number" ? a : digest(a))).join(":");
    const names = [Object.keys(plastic.initial), plastic.summedParameters, plastic.neurons.map(({ symbol }) => symbol)];
    const rest = JSON.stringify([plastic.equations, pathways.map(({ side }) => side), names]);
    // Synapses that run from event to event keep values of earlier steps, which belong to the parameters of that time.
    const own = Object.entries(plastic.parameters).map(([parameter, values]) => [parameter, digest(values)]);
    const values = JSON.stringify([emitStatements(plastic.kernel.step, { symbol: (s) => s }), own]);
    const parameters = executor.own.has(p) ? `, parameters ${digestText(values)}` : "";
    parts[`plastic ${name} (number ${p})`] =
      `${targets.length} synapses, content ${digestText(numbers)}, equations of ${kernel.name} ${digestText(rest)}${parameters}`;
  });
  return parts;
}

export function writeState({ sections, ...header }: SavedState, model: Fingerprint): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ version: VERSION, ...header, model }));
  const content = joinSections(sections);
  const start = MAGIC.length + 4;
  const bytes = new Uint8Array(start + text.length + content.length + CHECKSUM_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(MAGIC.length, text.length, true);
  bytes.set(text, start);
  bytes.set(content, start + text.length);
  const [low, high] = checksum(bytes.subarray(0, -CHECKSUM_BYTES));
  view.setUint32(bytes.length - 8, low, true);
  view.setUint32(bytes.length - 4, high, true);
  return bytes;
}

/**
 * @throws SpikevineError if the bytes are not a saved simulation, are damaged, or belong to another version or model;
 * then it names the first part that differs.
 */
export function readState(bytes: Uint8Array, model: Fingerprint): SavedState {
  const broken = new SpikevineError(
    "saved state: these bytes are not a saved simulation, or not all of one; give the result of save().",
  );
  const start = MAGIC.length + 4;
  if (bytes.length < start || new TextDecoder("latin1").decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw broken;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(MAGIC.length, true);
  if (start + length > bytes.length) throw broken;
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(start, start + length))) as Partial<Header> | null;
  } catch {
    throw damaged();
  }
  const writer = FORMER_WRITERS.get(header?.version);
  if (writer !== undefined) {
    throw new SpikevineError(
      `saved state: ${writer} wrote it, in another form; run the simulation again and save it with this version.`,
    );
  }
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const [low, high] = content.length < start + length ? [] : checksum(content);
  if (view.getUint32(bytes.length - 8, true) !== low || view.getUint32(bytes.length - 4, true) !== high) {
    throw damaged();
  }
  const sections = splitSections(content.subarray(start + length));
  if (!isHeader(header) || sections?.length !== 1 + (header.monitors?.length ?? 0)) throw broken;
  for (const part of new Set([...Object.keys(model), ...Object.keys(header.model)])) {
    const [saved, here] = [header.model, model].map((parts) => (Object.hasOwn(parts, part) ? parts[part] : "absent"));
    if (saved === here) continue;
    throw new SpikevineError(
      `saved state: it belongs to another model: ${part} is ${saved} there and ${here} here; build the same simulation, then restore.`,
    );
  }
  const { step, trial, distinct, delays, active, monitors } = header;
  return {
    step,
    trial,
    distinct,
    delays,
    ...(active === undefined ? {} : { active }),
    ...(monitors === undefined ? {} : { monitors }),
    sections,
  };
}

const damaged = (): SpikevineError =>
  new SpikevineError(
    "saved state: it is damaged (its checksum differs); give another one, or run the simulation again.",
  );

/** A step is a word of 32 bits in every executor, and so is a trial. */
const isWord = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

function isHeader(header: Partial<Header> | null): header is Header {
  if (typeof header !== "object" || header === null) return false;
  const { version, step, trial, distinct, delays, active = [], model, monitors = [] } = header;
  if (version !== VERSION || !isWord(step) || !isWord(trial) || typeof model !== "object" || model === null)
    return false;
  if (!Array.isArray(distinct) || !Array.isArray(delays)) return false;
  if (!Array.isArray(active) || !active.every((flag) => typeof flag === "boolean")) return false;
  return [Object.values(model), monitors, ...distinct].every(
    (list) => Array.isArray(list) && list.every((t) => typeof t === "string"),
  );
}
