// The run that README.md shows, `npm start`: its figures, and the accuracy in the text. `node scripts/readme-run.mjs` trains,
// writes what is new and reports what has changed; `--check` only compares.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bootstrap, root } from "./bootstrap.mjs";
import { sameFigure } from "./page-examples.mjs";

const FIGURES = ["learning-curves.svg", "raster.svg"];
const ACCURACY = /(?<=`npm start` takes .* and reaches )[\d.]+(?= % on 2,000 test digits)/;

/** Trains with the defaults; the figures by name, and the printed accuracy in percent. */
async function defaultRun() {
  const folder = mkdtempSync(join(tmpdir(), "spikevine-readme-"));
  try {
    const command = [join(root, "dist/src/cli/main.js"), "train", "--device", "simd", "--out", folder];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { maxBuffer: 1e8 });
    const [run] = readdirSync(folder);
    return {
      accuracy: /test accuracy ([\d.]+) %/.exec(stdout + stderr)[1],
      figures: FIGURES.map((name) => [name, readFileSync(join(folder, run, name), "utf8")]),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Repeats the run and writes what has changed, or only compares. */
export async function renewReadme({ check = false } = {}) {
  const { accuracy, figures } = await defaultRun();
  const changed = [];
  for (const [name, figure] of figures) {
    const path = join(root, "docs/images", name);
    if (sameFigure(readFileSync(path, "utf8"), figure)) continue;
    changed.push(`docs/images/${name} has changed`);
    if (!check) writeFileSync(path, figure);
  }
  const readme = join(root, "README.md");
  const text = readFileSync(readme, "utf8");
  const [printed] = ACCURACY.exec(text);
  if (printed !== accuracy) {
    changed.push(`README.md: the accuracy of npm start was ${printed} % and is ${accuracy} %`);
    if (!check) writeFileSync(readme, text.replace(ACCURACY, accuracy));
  }
  return changed;
}

if (process.argv[1] === import.meta.filename) {
  await bootstrap();
  const check = process.argv.includes("--check");
  const changed = await renewReadme({ check });
  console.log(changed.length === 0 ? "The run in README.md is up to date." : changed.join("\n"));
  if (check && changed.length > 0) process.exitCode = 1;
}
