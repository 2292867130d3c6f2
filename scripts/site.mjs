// npm run site: builds the documentation into site/, plain static files: the pages of docs/, and an API reference from the
// sources. VitePress, TypeDoc and the TypeScript that TypeDoc supports are packages of docs/package.json.
import { cpSync, existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, root, runCommand, runNpm } from "./bootstrap.mjs";

const docs = join(root, "docs");
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

async function installSitePackages() {
  const installed = modified(join(docs, "node_modules/.package-lock.json"));
  if (installed >= modified(join(docs, "package-lock.json"))) return 0;
  console.error("Installing packages of the site (npm ci) ...");
  return runNpm(["ci", "--no-audit", "--no-fund"], { cwd: docs });
}

const runSiteTool = (script, args) =>
  runCommand(process.execPath, [join(docs, "node_modules", script), ...args], { cwd: docs });

/** Runs the steps of the build in their order until one of them fails, and gives its exit code. */
async function buildSite() {
  await bootstrap();
  const installed = await installSitePackages();
  if (installed !== 0) return installed;
  rmSync(join(docs, "reference"), { recursive: true, force: true });
  const documented = await runSiteTool("typedoc/bin/typedoc", ["--logLevel", "Warn"]);
  if (documented !== 0) return documented;
  const built = await runSiteTool("vitepress/bin/vitepress.js", ["build"]);
  if (built !== 0) return built;
  cpSync(join(root, "examples"), join(root, "site/examples"), { recursive: true });
  return 0;
}

process.exitCode = await buildSite();
