// Preparations of every script: a recent Node, the packages, and an up-to-date build.
// Plain JavaScript without dependencies, since it runs before anything is installed.
import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const stamp = join(root, "dist", ".stamp");

/** Ends the process with one sentence if this Node is older than package.json's "engines" requires. */
function requireNode() {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node.replace(">=", "");
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = wanted.split(".").map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(
    `spikevine needs Node ${wanted} or newer, and this is ${process.versions.node}: install a newer one from https://nodejs.org.`,
  );
  process.exit(1);
}

/**
 * Runs a command in the repository's root with this terminal's input and output, and returns its exit code (128 + signal if
 * a signal ended it). Ctrl-C in a terminal reaches the child directly; a signal sent to this process is forwarded.
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    const passOn = (signal) => {
      if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
    };
    process.on("SIGINT", passOn);
    process.on("SIGTERM", passOn);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", passOn);
      process.off("SIGTERM", passOn);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Runs a script of an installed package with this Node. */
export function runTool(script, args = []) {
  return runCommand(process.execPath, [join(root, "node_modules", script), ...args]);
}

/** Runs npm: the one that runs this script, if there is one. */
export function runNpm(args, options = {}) {
  const npm = process.env.npm_execpath;
  return npm !== undefined && basename(npm) === "npm-cli.js"
    ? runCommand(process.execPath, [npm, ...args], options)
    : runCommand("npm", args, { shell: process.platform === "win32", ...options });
}

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

async function install() {
  // npm writes this file last, so an interrupted installation counts as missing.
  const installed = join(root, "node_modules", ".package-lock.json");
  // npm ci would empty the target of a link, which may belong to another clone.
  if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  if (existsSync(installed) && modified(installed) >= modified(join(root, "package-lock.json"))) return;
  console.error("Installing packages (npm ci) ...");
  const args = ["ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional"];
  const code = await runNpm(args);
  if (code !== 0) {
    console.error("The packages could not be installed (see above): check the network and run the command again.");
    process.exit(code);
  }
}

/** Every file in a folder and its subfolders with one of the given endings. */
function filesBelow(folder, ends) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ends.some((end) => entry.name.endsWith(end)))
    .map((entry) => join(entry.parentPath, entry.name));
}

function isStale(sources) {
  const built = modified(stamp);
  const also = ["tsconfig.json", "node_modules/.package-lock.json"].map((path) => join(root, path));
  return (
    [...sources, ...also].some((path) => modified(path) > built) ||
    readFileSync(stamp, "utf8") !== listOf(sources) ||
    sources.some(isMissing)
  );
}

const isMissing = (path) => !existsSync(builtFrom(path));

/** Output of a source file; a declaration file has no output and is returned itself. */
const builtFrom = (path) =>
  path.endsWith(".d.ts") ? path : join(root, "dist", relative(root, path)).replace(/\.ts$/, ".js");

const listOf = (sources) => sources.map((path) => relative(root, path)).join("\n");

/** Removes outputs whose source was deleted, so that they are not imported or packed. */
function removeOrphans(sources) {
  const known = new Set(sources.map((path) => relative(root, path)));
  for (const built of filesBelow(join(root, "dist"), [".js", ".d.ts"])) {
    const source = relative(join(root, "dist"), built).replace(/(\.js|\.d\.ts)$/, ".ts");
    if (!known.has(source)) rmSync(built);
  }
}

async function build() {
  const { include } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  const sources = include.flatMap((folder) => filesBelow(join(root, folder), [".ts"])).sort();
  if (!isStale(sources)) return;
  console.error("Building (tsc) ...");
  // The stamp is removed first and written last, so that an interrupted or failed build is stale. Its time is the start of
  // the build, so that a source saved during the build counts as newer.
  const began = new Date();
  rmSync(stamp, { force: true });
  removeOrphans(sources);
  // An incremental build does not rewrite outputs that it believes to exist.
  if (sources.some(isMissing)) rmSync(join(root, "dist", ".tsbuildinfo"), { force: true });
  const code = await runTool("typescript/bin/tsc", ["-p", "."]);
  if (code !== 0) {
    console.error("The build failed: see the messages above.");
    process.exit(code);
  }
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(stamp, listOf(sources));
  utimesSync(stamp, began, began);
}

/** Builds the page of the studio into studio/dist/ if it is older than its sources or the library. */
export async function buildStudio() {
  const page = join(root, "studio", "dist", "index.html");
  const studio = ["package.json", "vite.config.ts", "index.html"].map((name) => join(root, "studio", name));
  const sources = [...filesBelow(join(root, "studio", "src"), [".ts", ".tsx", ".css"]), ...studio, stamp];
  if (sources.every((path) => modified(path) <= modified(page))) return;
  console.error("Building the studio (vite) ...");
  const code = await runTool("vite/bin/vite.js", ["build", "studio", "--logLevel", "error"]);
  if (code !== 0) {
    console.error("The build of the studio failed: see the messages above.");
    process.exit(code);
  }
}

/** Installs missing packages and, unless disabled, rebuilds a stale build. */
export async function bootstrap({ withBuild = true } = {}) {
  requireNode();
  await install();
  if (withBuild) await build();
}
