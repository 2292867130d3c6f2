import { expect, it } from "vitest";
import { deviceNames } from "#spikevine/src/device/index";
import { spikevine } from "./run-cli.js";

it("doctor measures every available device and gives the reason for each unavailable one", async () => {
  const { code, stdout, stderr } = await spikevine("doctor");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toContain(`Node ${process.versions.node}`);
  expect(stdout).toMatch(/^auto selects simd(:wide)?: /m);
  // The peak of one core, a dense product, and its share of the peak.
  const [, peak, product, share] = /^simd +([\d.]+) +([\d.]+) +(\d+) %$/m.exec(stdout)!.map(Number);
  expect(share! / 100).toBeCloseTo(product! / peak!, 1);
  for (const name of deviceNames) {
    const row = stdout.split("\n").find((line) => line.startsWith(`${name} `));
    expect(row, name).toMatch(/ yes +[\d,]+ | no$/);
    if (/ no$/.test(row!)) expect(stdout, name).toMatch(new RegExp(`^  device ${name}: `, "m"));
  }
}, 240_000);

it("doctor prints one JSON object with --json", async () => {
  const { stdout, code } = await spikevine("doctor", "--json", "--threads", "1");
  expect(code).toBe(0);
  const { auto, devices } = JSON.parse(stdout);
  expect(auto.device).toMatch(/^simd/);
  expect(auto.why).not.toBe("");
  expect(devices.map(({ name }: { name: string }) => name)).toEqual(deviceNames);
  for (const { available, refused, samplesPerSecond } of devices) {
    if (available) expect(samplesPerSecond).toBeGreaterThan(0);
    else expect(refused).toMatch(/^device /);
  }
}, 240_000);
