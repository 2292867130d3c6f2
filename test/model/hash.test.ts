import { expect, it } from "vitest";
import { sha256 as ofLargeData } from "#spikevine/src/io/sha256";
import { sha256 } from "#spikevine/src/model/hash";

it("is the SHA-256 of FIPS 180-4", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

it.each([
  ["a", "bc"],
  ["dv/dt = (v - µ) / τ", "\ud83e"],
  ["x".repeat(100_000), "", "y"],
])("is the same as that for large data", (...texts) => {
  expect(sha256(...texts)).toBe(ofLargeData(...texts));
});
