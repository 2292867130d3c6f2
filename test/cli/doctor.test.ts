import { expect, it } from "vitest";
import { deviceNames } from "#spikevine/src/device/index";
import { spikevine } from "./run-cli.js";

it("doctor measures every available device and gives the reason for each unavailable one", async () => {
  const { code, stdout, stderr } = await spikevine("doctor");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toContain(`Node ${process.versions.node}`);
  expect(stdout).toMatch(/^auto selects simd: /m);
  for (const name of deviceNames) {
    const row = stdout.split("\n").find((line) => line.startsWith(`${name} `));
    expect(row, name).toMatch(/ yes +[\d,]+ | no$/);
    if (/ no$/.test(row!)) expect(stdout, name).toMatch(new RegExp(`^  device ${name}: `, "m"));
  }
}, 240_000);
