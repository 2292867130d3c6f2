import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemFiles } from "#spikevine/src/io/file-system";
import { type FileSystem, readSafetensors, writeSafetensors } from "#spikevine/src/io/index";

it("reads a file that the system returns in parts, like large ones", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "spikevine-read-")), "w.safetensors");
  const tensors = new Map([["w", { shape: [5000], data: Float32Array.from({ length: 5000 }, (_, i) => i) }]]);
  await writeSafetensors(path, tensors);
  let reads = 0;
  const open: FileSystem["promises"]["open"] = async (file, flags) => {
    const real = await systemFiles.promises.open(file, flags);
    return {
      writeFile: (content) => real.writeFile(content),
      write: (bytes) => real.write(bytes),
      sync: () => real.sync(),
      close: () => real.close(),
      read(into) {
        reads++;
        return real.read(into.subarray(0, 777));
      },
    };
  };
  const files = { ...systemFiles, promises: { ...systemFiles.promises, open } } as FileSystem;
  expect((await readSafetensors(path, files)).tensors).toEqual(tensors);
  expect(reads).toBeGreaterThan(20);
  await writeFile(path, "");
  await expect(readSafetensors(path, files)).rejects.toThrow(/has 0 bytes, too few for a header/);
});
