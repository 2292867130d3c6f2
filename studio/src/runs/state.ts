import { computed, signal } from "@preact/signals";
import { settingsOf } from "../app/link.js";
import { describeConfig, parseCsv, parseMetrics, type RunMetrics, type SweepTable } from "./parse.js";

/** `chosen`: names of runs, joined by `|`. */
export const settings = settingsOf("runs", { chosen: "", metric: "accuracy" });

/** Files of a run, as far as they have been read. */
interface RunFiles {
  readonly name: string;
  readonly modified: number;
  readonly isLocal: boolean;
  readonly texts: Readonly<Record<string, string>>;
}

/** A run or a sweep. */
export interface ShownRun {
  readonly name: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly metrics: RunMetrics | undefined;
  readonly sweep: SweepTable | undefined;
  readonly isLocal: boolean;
}

/** True if the page comes from `spikevine studio`, which lists runs. */
export const hasServer = document.querySelector('meta[name="spikevine-server"]') !== null;

const files = signal<ReadonlyMap<string, RunFiles>>(new Map());
export const root = signal("");
export const problem = signal("");

export const runs = computed<readonly ShownRun[]>(() =>
  [...files.value.values()]
    .sort((a, b) => b.modified - a.modified)
    .map(({ name, texts, isLocal }) => ({
      name,
      isLocal,
      facts: describeConfig(oneLine(texts["config.json"] ?? "")),
      metrics: texts["metrics.ndjson"] === undefined ? undefined : parseMetrics(texts["metrics.ndjson"]),
      sweep: texts["settings.csv"] === undefined ? undefined : parseCsv(texts["settings.csv"]),
    })),
);

const oneLine = (json: string): string => json.replaceAll("\n", " ");

export const chosen = computed(() => {
  const names = settings.value.chosen.split("|").filter((name) => name !== "");
  return runs.value.filter(({ name }) => names.includes(name));
});

export function choose(name: string, isChosen: boolean): void {
  const names = settings.value.chosen.split("|").filter((one) => one !== "" && one !== name);
  settings.value = { ...settings.value, chosen: [...names, ...(isChosen ? [name] : [])].join("|") };
}

/** Time between two looks at the folder of runs. */
const EVERY_MS = 1000;

/** Reads runs from the server while the view is open, and the ends of files that grow. */
export function followRuns(): () => void {
  if (!hasServer) return () => undefined;
  let timer: ReturnType<typeof setTimeout>;
  let isOpen = true;
  const look = async (): Promise<void> => {
    try {
      await readRuns();
      problem.value = "";
    } catch {
      problem.value = "The server does not answer: start spikevine studio again.";
    }
    if (isOpen) timer = setTimeout(look, EVERY_MS);
  };
  void look();
  return () => {
    isOpen = false;
    clearTimeout(timer);
  };
}

interface Listed {
  readonly name: string;
  readonly modified: number;
  readonly files: Readonly<Record<string, number>>;
}

async function readRuns(): Promise<void> {
  const listed = (await (await fetch("api/runs")).json()) as { root: string; runs: readonly Listed[] };
  root.value = listed.root;
  const next = new Map([...files.value].filter(([, { isLocal }]) => isLocal));
  let isChanged = next.size !== files.value.size - listed.runs.length;
  for (const { name, modified, files: sizes } of listed.runs) {
    const before = files.value.get(name);
    if (before?.modified === modified && !before.isLocal) {
      next.set(name, before);
      continue;
    }
    isChanged = true;
    const texts: Record<string, string> = {};
    for (const [file, size] of Object.entries(sizes)) {
      const known = before?.texts[file] ?? "";
      // Metrics only grow; other files are replaced.
      const from = file === "metrics.ndjson" && size >= bytesOf(known) ? bytesOf(known) : 0;
      const text = await (await fetch(`api/runs/${encodeURIComponent(name)}/${file}?from=${from}`)).text();
      texts[file] = from > 0 ? known + text : text;
    }
    next.set(name, { name, modified, isLocal: false, texts });
  }
  if (isChanged) files.value = next;
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Adds run folders that were dropped in: files by their folder. */
export function addFolders(given: readonly { readonly path: string; readonly bytes: ArrayBuffer }[]): void {
  const next = new Map(files.value);
  let added = 0;
  for (const { path, bytes } of given) {
    const parts = path.split("/");
    const file = parts.at(-1)!;
    if (!["config.json", "metrics.ndjson", "settings.csv"].includes(file)) continue;
    const name = parts.at(-2) ?? "dropped run";
    const before = next.get(name);
    const texts = { ...(before?.isLocal ? before.texts : {}), [file]: new TextDecoder().decode(bytes) };
    next.set(name, { name, modified: Date.now(), isLocal: true, texts });
    added++;
    if (file !== "config.json") choose(name, true);
  }
  problem.value =
    added === 0
      ? "There is no run in these files: give the folder of a run or a sweep, with metrics.ndjson or settings.csv."
      : "";
  files.value = next;
}
