"""Writes types.h5, which the tests of the HDF5 reader read: python3 make-fixture.py (h5py 3.7, Debian's python3-h5py)."""
import h5py
import numpy as np

with h5py.File("types.h5", "w") as f:
    rows = f.create_dataset("spikes/times", (3,), dtype=h5py.vlen_dtype(np.dtype("float16")))
    rows[0], rows[2] = np.array([0.5, 0.25], "float16"), np.array([1], "float16")
    rows = f.create_dataset("spikes/units", (3,), dtype=h5py.vlen_dtype(np.dtype("int64")))
    rows[0], rows[2] = [1, 2], [699]
    f["integers"] = np.array([[1, -2, 3]])
    f["half"] = np.array([[0.5, -2], [1, 0]], "float16")
    f["big-endian"] = np.array([1.5, -2], ">f4")
    f["booleans"] = np.array([True, False])
    f["fixed texts"] = np.array([b"abc", b"de"])
    f["texts"] = np.array([["a", "d\u00e9"]], dtype=h5py.string_dtype())
    f["text"] = "hello"
    f["scalar"] = np.float32(3)
    f["none"] = np.zeros((0, 3))
    f.create_dataset("packed", data=np.arange(300.0) / 7, compression="gzip", shuffle=True, fletcher32=True)
    f["compound"] = np.zeros(2, dtype=[("a", "i4")])
    f["empty"] = h5py.Empty("f4")
    f.create_dataset("unstored", shape=(1000000, 1000), dtype="f8")
    f.create_dataset("unstored packed", shape=(1000000, 1000), dtype="f8", compression="gzip")
    f["other file"] = h5py.ExternalLink("x.h5", "/a")
    f["loop"] = f["/"]
    f.attrs["number"], f.attrs["name"] = 0.1, "d\u00e9"
