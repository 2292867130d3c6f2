// The examples in the pages of docs/: their code, what they print and the figures that they draw. A page names an example of
// examples/ and what its figure shows,
//
//   <!-- example: tutorials/neuron-step | Membrane potentials of three neurons -->
//   <!-- end of example -->
//
// and the lines in between are written from the file and from a run of it. `node scripts/page-examples.mjs` runs all examples,
// or those whose names it is given, writes what is new and reports what has changed; `--check` only compares.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { promisify } from "node:util";
import { bootstrap, root } from "./bootstrap.mjs";

const FOLDERS = ["docs", "docs/tutorials"];
const FIGURES = "docs/images/examples";
const EXAMPLE = /<!-- example: (\S+)(?: \| (.*?))? -->\n[\s\S]*?<!-- end of example -->/g;

/** Pages that name examples, with their text. */
function pagesWithExamples() {
  return FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).map((name) => posix.join(folder, name)))
    .filter((path) => path.endsWith(".md"))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
    .filter(({ text }) => text.match(EXAMPLE) !== null);
}

/** Runs an example in an empty folder: what it prints, and the figures that it writes, by name. */
async function runExample(name) {
  const folder = mkdtempSync(join(tmpdir(), "spikevine-page-"));
  try {
    const script = join(root, "dist/examples", `${name}.js`);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { cwd: folder });
    if (stderr !== "") throw new Error(`examples/${name}.ts writes to standard error: ${stderr}`);
    const figures = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]);
    return { printed: stdout.trimEnd(), figures };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lines of a page between the marks of an example. */
function exampleText(page, name, caption, { printed, figures }) {
  const code = readFileSync(join(root, "examples", `${name}.ts`), "utf8").trimEnd();
  const images = posix.relative(dirname(page), FIGURES);
  return [
    `<!-- example: ${name}${caption === undefined ? "" : ` | ${caption}`} -->`,
    `\`\`\`ts\n${code}\n\`\`\``,
    ...(printed === "" ? [] : [`\`\`\`text\n${printed}\n\`\`\``]),
    ...figures.map(([file]) => `![${caption ?? name}](${images}/${file})`),
    "<!-- end of example -->",
  ].join("\n\n");
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g;

/** Two figures are the same if they have the same form and their numbers are close: versions of Node round differently. */
export function sameFigure(one, other) {
  const [ones, others] = [one, other].map((text) => (text.match(NUMBER) ?? []).map(Number));
  return (
    one.replace(NUMBER, "") === other.replace(NUMBER, "") &&
    ones.every((value, i) => Math.abs(value - others[i]) <= 0.05 + 1e-3 * Math.abs(value))
  );
}

/** Lines that are in one text and not in the other, as in a comparison of files. */
function differences(before, after) {
  const [old, now] = [before, after].map((text) => text.split("\n"));
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `  - ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `  + ${line}`),
  ];
}

/**
 * Runs the examples of the pages and writes what has changed, or only compares.
 * @returns a report per changed page or figure
 */
export async function renewExamples({ check = false, only = [] } = {}) {
  const wanted = (name) => only.length === 0 || only.includes(name);
  const changed = [];
  for (const { path, text } of pagesWithExamples()) {
    let renewed = text;
    for (const [whole, name, caption] of text.matchAll(EXAMPLE)) {
      if (!wanted(name)) continue;
      const run = await runExample(name);
      renewed = renewed.replace(whole, () => exampleText(path, name, caption, run));
      for (const [file, figure] of run.figures) {
        const target = join(root, FIGURES, basename(file));
        if (existsSync(target) && sameFigure(readFileSync(target, "utf8"), figure)) continue;
        changed.push(`${FIGURES}/${file} ${existsSync(target) ? "has changed" : "is new"}`);
        if (check) continue;
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, figure);
      }
    }
    if (renewed === text) continue;
    changed.push([`${path}:`, ...differences(text, renewed)].join("\n"));
    if (!check) writeFileSync(join(root, path), renewed);
  }
  return changed;
}

if (process.argv[1] === import.meta.filename) {
  await bootstrap();
  const check = process.argv.includes("--check");
  const only = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  const changed = await renewExamples({ check, only });
  console.log(changed.length === 0 ? "The examples in the pages are up to date." : changed.join("\n"));
  if (check && changed.length > 0) {
    console.error('The pages differ from their examples. Run "npm run docs".');
    process.exitCode = 1;
  }
}
