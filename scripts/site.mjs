// npm run site: builds the documentation into site/, plain static files: the pages of docs/ with examples that a reader can run
// in the page, a gallery, and an API reference from the sources. VitePress, TypeDoc and the TypeScript that TypeDoc supports are
// packages of docs/package.json.
import { cpSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, root, runCommand, runNpm } from "./bootstrap.mjs";
import { buildGallery } from "./gallery.mjs";

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

/**
 * Bundles the modules that scripts in pages import, and the worker that runs the scripts, into site/live/: the same files as in
 * any page that uses the library.
 */
async function buildLive() {
  const { build } = await import("vite");
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // Entries that need Node have no page to run in.
  const names = [".", "./neurons", "./plasticity", "./encoders", "./losses", "./networks", "./simulation", "./plots"];
  const modules = names.map((name) => [
    `spikevine${name.slice(1).replace("/", "-")}`,
    join(root, exports[name].default),
  ]);
  await build({
    root: docs,
    configFile: false,
    logLevel: "warn",
    base: "./",
    publicDir: false,
    worker: { format: "es", rolldownOptions: { external: ["gpu.js"] } },
    build: {
      outDir: join(root, "site/live"),
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: {
        external: ["gpu.js"],
        preserveEntrySignatures: "strict",
        input: {
          runner: join(docs, "live/runner.mjs"),
          files: join(docs, "live/files.mjs"),
          ...Object.fromEntries(modules),
        },
        output: { entryFileNames: "[name].js" },
      },
    },
  });
}

/** Runs the steps of the build in their order until one of them fails, and gives its exit code. */
async function buildSite() {
  await bootstrap();
  const installed = await installSitePackages();
  if (installed !== 0) return installed;
  rmSync(join(docs, "reference"), { recursive: true, force: true });
  const documented = await runSiteTool("typedoc/bin/typedoc", ["--logLevel", "Warn"]);
  if (documented !== 0) return documented;
  await buildGallery();
  const built = await runSiteTool("vitepress/bin/vitepress.js", ["build"]);
  if (built !== 0) return built;
  await buildLive();
  cpSync(join(root, "examples"), join(root, "site/examples"), { recursive: true });
  return 0;
}

process.exitCode = await buildSite();
