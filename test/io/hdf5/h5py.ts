import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's Python, whose package python3-h5py is the reference for HDF5. */
const PYTHON = "/usr/bin/python3";

/** Tells if h5py is there; `SPIKEVINE_REQUIRE_H5PY=1` requires it. */
export const hasH5py =
  process.env.SPIKEVINE_REQUIRE_H5PY === "1" || spawnSync(PYTHON, ["-c", "import h5py"]).status === 0;

const SCRIPT = `
import h5py, json, sys
def plain(value):
    if isinstance(value, bytes): return value.decode()
    if hasattr(value, "tolist"): value = value.tolist()
    return [plain(one) for one in value] if isinstance(value, list) else value.decode() if isinstance(value, bytes) else value
found = {}
def visit(name, item):
    for key, value in item.attrs.items(): found[name + "@" + key] = plain(value)
    if isinstance(item, h5py.Dataset): found[name] = {"type": item.dtype.kind + str(item.dtype.itemsize), "shape": item.shape, "values": plain(item[()])}
with h5py.File(sys.argv[1]) as file:
    visit("", file)
    file.visititems(visit)
print(json.dumps(found))
`;

/** All arrays of an HDF5 file by path, and its attributes by `path@name`, as h5py reads them. */
export function readWithH5py(bytes: Uint8Array): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), "spikevine-h5py-"));
  try {
    const path = join(folder, "a.h5");
    writeFileSync(path, bytes);
    return JSON.parse(execFileSync(PYTHON, ["-c", SCRIPT, path], { encoding: "utf8", maxBuffer: 2 ** 28 }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
