import { mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type EventFileOptions,
  type EventSeries,
  flipLeftRight,
  readEventFiles,
  streamEventFiles,
} from "#spikevine/src/data/index";
import { dense, direct, evaluate, network, snu } from "#spikevine/src/index";
import { serializeNpy } from "#spikevine/src/io/index";
import { spikevine, temporaryFolder } from "../../cli/run-cli.js";
import { failure } from "../failure.js";
import { aedat2 } from "./aedat-files.js";

let folder: string;
const at = (...parts: string[]): string => join(folder, "data", ...parts);
const options = (): EventFileOptions => ({ folder: at(), sensor: [2, 4, 8], bin: "1 ms" });

/** Recordings that move right or left: x is 1 to 6 or 6 to 1, one event per ms from `start` on. */
const moving = (isRight: boolean, start: number) =>
  Array.from({ length: 6 }, (_, i) => ({ x: isRight ? i + 1 : 6 - i, y: 2, p: i % 2, t: start + 1000 * i }));

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(at("left"), { recursive: true });
  await mkdir(at("right"));
  for (let i = 0; i < 10; i++) {
    const rows = moving(true, 0).flatMap(({ x, y, p, t }) => [x, y, p, t]);
    await writeFile(at("right", `${i}.npy`), serializeNpy({ shape: [6, 4], data: Float64Array.from(rows) }));
    await writeFile(at("left", `${i}.aedat`), aedat2(moving(false, 5e5)));
  }
});
afterAll(() => rm(folder, { recursive: true }));

it("recordings are read by class, from time 0 on, at once or streamed", async () => {
  const data = await readEventFiles(options());
  expect(data).toMatchObject({ name: "data", count: 20, classes: 2, classNames: ["left", "right"], pixels: 64 });
  expect(data.series).toMatchObject({ kind: "events", steps: 6, bin: 1000 });
  const { samples } = data.series as EventSeries;
  expect([...samples[0]!.x]).toEqual([6, 5, 4, 3, 2, 1]);
  expect(Array.from(samples[0]!.t)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  const stream = await streamEventFiles({ ...options(), steps: 6 });
  const net = network({ inputs: 64, encoder: direct(), steps: 6, layers: [dense(2, snu())] });
  expect((await evaluate(net, stream)).accuracy).toBe((await evaluate(net, data)).accuracy);
});

it("are transformed once with a cache, and again under another name or after a change", async () => {
  let calls = 0;
  const cached = (cacheKey: string) =>
    readEventFiles({
      ...options(),
      count: 3,
      cache: join(folder, "cache"),
      cacheKey,
      transform(events, index) {
        calls++;
        expect(index).toBeLessThan(3);
        return flipLeftRight(events, { sensor: [2, 4, 8] });
      },
    });
  const first = await cached("flipped");
  expect(await cached("flipped")).toEqual(first);
  expect(calls).toBe(3);
  await cached("other");
  expect(calls).toBe(6);
  expect(await readdir(join(folder, "cache"))).toHaveLength(6);
  const [name] = await readdir(join(folder, "cache"));
  await writeFile(join(folder, "cache", name!), "broken");
  expect(await failure(Promise.all([cached("flipped"), cached("other")]))).toMatch(
    /cache.*has 6 bytes, too few for a header/,
  );
});

it("are trained on by the command", async () => {
  const out = join(folder, "runs");
  const flags = [
    "--encoder",
    "direct",
    "--dt",
    "1",
    "--steps",
    "6",
    "--hidden",
    "8",
    "--epochs",
    "1",
    "--device",
    "reference",
  ];
  const { stdout, stderr } = await spikevine("train", "--data", at(), "--shape", "2,4,8", ...flags, "--out", out);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/data: 16 training, 4 test samples/);
  const missing = await spikevine("train", "--data", at(), ...flags, "--out", out);
  expect(missing.stderr).toMatch(/has recordings of events; give shape \(--shape\), the polarities, rows and columns/);
});

it("are refused if something is missing or leads elsewhere", async () => {
  const refused = (more: Partial<EventFileOptions>): Promise<string> =>
    failure(readEventFiles({ ...options(), ...more }));
  expect(await refused({ cache: folder })).toMatch(/cache is given without cacheKey/);
  expect(await refused({ cacheKey: "a" })).toMatch(/cacheKey is given without cache/);
  expect(await refused({ count: 21 })).toMatch(/count is 21, but ".*" has 20 recordings/);
  expect(await refused({ sensor: [2, 2, 8] })).toMatch(/y 2, x 6, outside the shape 2 x 2 x 8/);
  expect(await failure(streamEventFiles(options() as EventFileOptions & { steps: number }))).toMatch(
    /steps is missing/,
  );
  await mkdir(join(folder, "linked", "a"), { recursive: true });
  await symlink(at("right", "0.npy"), join(folder, "linked", "a", "0.npy"));
  expect(await refused({ folder: join(folder, "linked") })).toMatch(/is a link that leads out of/);
  expect((await stat(at("right", "0.npy"))).size).toBeGreaterThan(0);
});
