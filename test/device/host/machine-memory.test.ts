import { afterEach, describe, expect, it, vi } from "vitest";
import { constantCurrent } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { lif } from "#spikevine/neurons/index";
import { adam } from "#spikevine/plasticity/index";
import { streamedDataset } from "#spikevine/src/data/index";
import type { Plan } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { train } from "#spikevine/src/training/index";

const MIB = 2 ** 20;

afterEach(() => {
  vi.restoreAllMocks();
});

const net = () =>
  network({ inputs: 12, encoder: constantCurrent(), steps: 100, layers: [dense(900, lif()), dense(3, lif())] });

describe.each(["reference", "simd", "gpujs:cpu"])("memory on %s", (name) => {
  it("is refused where the machine has less, before data are read", async () => {
    // 100 samples x 100 steps x 900 values of 4 bytes are 34 MiB.
    vi.spyOn(process, "constrainedMemory").mockReturnValue(30 * MIB);
    const read = vi.fn(() => Promise.reject(new Error("no data are read")));
    const data = streamedDataset({ name: "never read", count: 200, pixels: 12, classes: 3, read });
    const onBegin = vi.fn();
    const options = { data, epochs: 1, batchSize: 100, optimizer: adam(), device: name, onBegin };
    await expect(train(net(), options)).rejects.toThrow(
      /^device .*: the plan needs \d\.\d+ GiB of memory, and this machine has 0\.029 GiB \(the largest signal is layer1\.\w+: 100 samples x 100 steps x 900 values\): give a smaller batch than 100 \(training: or a microBatchSize\), fewer steps than 100 or smaller layers\.$/,
    );
    expect([read.mock.calls.length, onBegin.mock.calls.length]).toEqual([0, 0]);
  });

  it("is known: the tensors and the signals", async () => {
    const { device } = await openDevice(name, name === "simd" ? { threads: 1 } : {});
    const plan = (batch: number): Plan => ({
      tensors: { weights: { rows: 30, columns: 64 } },
      procedures: {
        map: {
          batch,
          steps: 50,
          signals: {
            x: { kind: "values", width: 30, rows: "steps", role: "input" },
            y: { kind: "values", width: 64, rows: "steps", role: "result" },
          },
          operations: [{ op: "current", from: "x", weights: "weights", to: "y" }],
        },
      },
    });
    const [small, large] = [await device.compile(plan(8)), await device.compile(plan(64))];
    const bytes = 4;
    const added = large.memoryBytes - small.memoryBytes;
    const numbers = 56 * 50 * (30 + 64);
    // Rows in memory may be longer than their values.
    expect(added).toBeGreaterThanOrEqual(bytes * numbers - 65536);
    expect(added).toBeLessThanOrEqual((name === "simd" ? 1.5 : 1) * bytes * numbers);
    if (name !== "simd") expect(small.memoryBytes).toBe(bytes * (30 * 64 + 8 * 50 * 94));
    await device.dispose();
  });
});
