import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Runs a port of an example of Brian2 and returns its output, the rows of its table, and its figure. */
export async function runPort(
  name: string,
  flags: readonly string[] = [],
): Promise<{ stdout: string; rows: string[]; svg: string }> {
  const out = await mkdtemp(join(tmpdir(), "spikevine-example-"));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      `dist/examples/brian2/${name}.js`,
      "--out",
      out,
      ...flags,
    ]);
    const rows = stdout.split("\n").filter((line) => /^\| \d/.test(line));
    return { stdout, rows, svg: await readFile(join(out, `${name}.svg`), "utf8") };
  } finally {
    await rm(out, { recursive: true });
  }
}
