// The gallery of the documentation site: one picture per example, with the command that draws it. The figures are drawn when
// the site is built, by the examples as they are, so that none is older than the code; a figure is drawn again if the
// library or its example has changed.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./bootstrap.mjs";

const FOLDER = join(root, "docs/gallery");
const DRAWN_AT_ONCE = 2;

const namesIn = (folder) =>
  readdirSync(join(root, "examples", folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}${name.replace(".ts", "")}`);

const sections = [
  ["Neurons and networks", ["fi-curve", "coupled-adex", "balanced-network"]],
  ["Synapses", ["stdp-competition", "bio-adam-figure-1"]],
  ["Ports of Brian2's examples", namesIn("brian2/")],
];

/** Examples that train networks for minutes or hours. */
const LONG = ["optimizers-mnist", "weight-symmetry"].concat(
  ["grapes/", "bio-adam/"].flatMap(namesIn).filter((name) => /saveFigure\(/.test(source(name))),
);

function source(name) {
  return readFileSync(join(root, "examples", `${name}.ts`), "utf8");
}

/** The comment at the head of an example, as one paragraph; lists and options after it are left out. */
function description(name) {
  const lines = source(name).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("// ") || /^\/\/ (?:-|Options)/.test(line));
  return lines
    .slice(0, end)
    .map((line) => line.slice(3))
    .join(" ")
    .replaceAll(/[<>{}|*_]/g, (letter) => `&#${letter.codePointAt(0)};`);
}

const modified = (path) => statSync(path).mtimeMs;

/** The figures of an example, as file names in its own folder of the gallery. */
async function draw(name) {
  const folder = join(FOLDER, name.replace("/", "-"));
  const script = join(root, "dist/examples", `${name}.js`);
  const figures = () => readdirSync(folder).filter((file) => file.endsWith(".svg"));
  const code = Math.max(modified(join(root, "dist/.stamp")), modified(script));
  if (existsSync(folder) && figures().some((file) => modified(join(folder, file)) >= code)) return figures();
  mkdirSync(folder, { recursive: true });
  await promisify(execFile)(process.execPath, [script, "--out", folder], { cwd: root });
  return figures();
}

/** Draws all figures and writes the page. */
export async function buildGallery() {
  const names = sections.flatMap(([, names]) => names);
  const figures = new Map();
  const open = [...names];
  const drawer = async () => {
    for (let name = open.shift(); name !== undefined; name = open.shift()) figures.set(name, await draw(name));
  };
  await Promise.all(Array.from({ length: DRAWN_AT_ONCE }, drawer));

  const entry = (name) => [
    `### ${name.replace("brian2/", "")}`,
    description(name),
    ...figures.get(name).map((file) => `![Figure of ${name}](./${name.replace("/", "-")}/${file})`),
    `\`\`\`sh\nnode dist/examples/${name}.js\n\`\`\``,
  ];
  const page = [
    "# Gallery",
    "One picture per example, drawn when this site was built, and the command that draws it in a clone after `npm run build`. The sources are in [examples/](../../examples/fi-curve.ts).",
    ...sections.flatMap(([title, names]) => [`## ${title}`, ...names.flatMap(entry)]),
    "## Examples that train for longer",
    "These draw figures, too. They train networks for minutes or hours: [Reproductions](../reproductions.md) has their results.",
    ...LONG.flatMap((name) => [`### ${name}`, description(name), `\`\`\`sh\nnode dist/examples/${name}.js\n\`\`\``]),
  ];
  writeFileSync(join(FOLDER, "index.md"), `${page.join("\n\n")}\n`);
}
