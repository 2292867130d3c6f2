import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const soak = fileURLToPath(new URL("../../scripts/soak.mjs", import.meta.url));

// The script itself asks for 5 % after 20,000 updates; a short run has more noise.
it.each(["simd", "reference"])(
  "memory stays where it is on %s, with evaluations and checkpoints",
  async (device) => {
    const args = ["--expose-gc", soak, "--only", device, "--updates", "800", "--limit", "0.25"];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/ flat$/m);
  },
  180_000,
);
