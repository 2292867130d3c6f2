import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ports = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, ["dist/bench/brian2/ports.js", ...args]);

it("says that Brian2 is missing, and prints the port alone", { timeout: 60_000 }, async () => {
  const { stdout } = await ports(["--only", "hindmarsh-rose", "--python", process.execPath]);
  expect(stdout).toContain("has no Brian2 (Debian: python3-brian); these are the ports alone.");
  expect(stdout).toContain("| 0.4 | 8 | 40.8 51.2 62.2 74.0 87.0 |");
  expect(stdout).not.toContain("Brian2:");
  expect(stdout).toMatch(/^hindmarsh-rose +\d+\.\d\d$/m);
});

it("refuses a port without a script", { timeout: 60_000 }, async () => {
  await expect(ports(["--only", "nothing"])).rejects.toThrow(/there is no script for "nothing"; give some of .*cuba/);
});

it("has a port for every script", async () => {
  const scripts = (await readdir("bench/brian2/ports")).filter((file) => file.endsWith(".py") && file !== "port.py");
  const examples = await readdir("examples/brian2");
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(examples).toContain(script.replaceAll("_", "-").replace(/\.py$/, ".ts"));
});
