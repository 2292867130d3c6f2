import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, rename, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild, transform } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Workers that esbuild and Rollup build as entries of their own, since they do not follow the URL of a worker. */
const WORKERS = {
  "simd-worker": "spikevine/simd-worker",
  "simulation-worker": "spikevine/simulation-worker",
  "synapse-worker": "spikevine/synapse-worker",
};

/**
 * An application that has installed the packed package without its optional packages: folders `app` (with the sources of its
 * pages) and `node_modules`.
 * @param folder empty folder
 */
export async function installedApp(folder: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    { cwd: ROOT },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  await promisify(execFile)("tar", ["-xzf", join(folder, filename), "-C", folder]);
  await rename(join(folder, "package"), join(modules, "spikevine"));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: object };
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  await cp(fileURLToPath(new URL("app", import.meta.url)), join(folder, "app"), { recursive: true });
}

/** Rollup itself does not minify. */
const MINIFY = {
  name: "minify",
  async renderChunk(code: string) {
    const minified = await transform(code, { minify: true, format: "esm" });
    return { code: minified.code, map: null };
  },
};

/** Builds a page for production: the modules of `app/` to files of their names below `out`. Returns the warnings. */
export type Bundler = (folder: string, pages: readonly string[], out: string) => Promise<string[]>;

const inputs = (folder: string, pages: readonly string[]): Record<string, string> =>
  Object.fromEntries(pages.map((page) => [page, join(folder, "app", `${page}.js`)]));

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  async vite(folder, pages, out) {
    const warnings: string[] = [];
    const keep = (warning: string): void => {
      warnings.push(warning);
    };
    await vite({
      root: folder,
      configFile: false,
      base: "./",
      customLogger: {
        info() {},
        warn: keep,
        warnOnce: keep,
        error: keep,
        clearScreen() {},
        hasErrorLogged: () => false,
        hasWarned: false,
      },
      build: {
        outDir: out,
        rolldownOptions: { input: inputs(folder, pages), output: { entryFileNames: "[name].js" } },
        // A library has no page in HTML; its modules are entries.
        modulePreload: false,
      },
    });
    return warnings;
  },

  async esbuild(folder, pages, out) {
    const { warnings } = await esbuild({
      absWorkingDir: folder,
      entryPoints: { ...inputs(folder, pages), ...WORKERS },
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      outdir: out,
      logLevel: "silent",
    });
    return warnings.map(({ text }) => text);
  },

  async rollup(folder, pages, out) {
    const warnings: string[] = [];
    const bundle = await rollup({
      input: { ...inputs(folder, pages), ...WORKERS },
      plugins: [nodeResolve({ browser: true, rootDir: folder }), MINIFY],
      onwarn: ({ message }) => warnings.push(message),
    });
    await bundle.write({ dir: out, format: "es", chunkFileNames: "[name]-[hash].js" });
    await bundle.close();
    return warnings;
  },

  async webpack(folder, pages, out) {
    const compiler = webpack({
      mode: "production",
      context: folder,
      entry: inputs(folder, pages),
      output: { path: out, filename: "[name].js", publicPath: "auto" },
      performance: false,
    })!;
    const stats = await new Promise<webpack.Stats>((resolve, reject) =>
      compiler.run((error, result) => (error === null ? resolve(result!) : reject(error))),
    );
    const { errors = [], warnings = [] } = stats.toJson({ all: false, errors: true, warnings: true });
    await new Promise((resolve) => compiler.close(resolve));
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
    return warnings.map(({ message }) => message);
  },
};
