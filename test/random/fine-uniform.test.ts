import { describe, expect, it } from "vitest";
import { drawBits, drawFineUniform, drawUniform, type RowKey, rowKey } from "#spikevine/src/random/counter";

/** Units of some rows whose draw is below 2^-12, where there are more bits. */
function rare(mirrored: boolean): { key: RowKey; unit: number; fine: number }[] {
  const found: { key: RowKey; unit: number; fine: number }[] = [];
  for (let row = 0; row < 40; row++) {
    const key = rowKey(5, row);
    for (let unit = 0; unit < 200_000; unit++) {
      const bits = drawBits(key, unit);
      if ((mirrored ? ~bits >>> 0 : bits) < 2 ** 20)
        found.push({ key, unit, fine: drawFineUniform(key, unit, mirrored) });
    }
  }
  return found;
}

describe.each([false, true])("fine draws, mirrored %s", (mirrored) => {
  const small = rare(mirrored);

  it("are the plain ones but for their further bits", () => {
    for (let unit = 0; unit < 50_000; unit++) {
      const key = rowKey(5, 1);
      const plain = drawUniform(key, unit);
      const want = mirrored ? 1 - 2 ** -24 - plain : plain;
      expect(Math.floor(drawFineUniform(key, unit, mirrored) * 2 ** 24)).toBe(want * 2 ** 24);
    }
    for (const { key, unit, fine } of small) {
      const plain = drawUniform(key, unit) * 2 ** 24;
      expect(fine * 2 ** 24).toBeGreaterThanOrEqual(mirrored ? 2 ** 24 - 1 - plain : plain);
      expect(fine * 2 ** 24).toBeLessThanOrEqual(mirrored ? 2 ** 24 - plain : plain + 1);
      expect(fine).toBe(Math.fround(fine));
    }
  });

  it("are uniform below 2^-12 and within every step of 2^-24", () => {
    expect(small.length).toBeGreaterThan(1500);
    const moments = (values: readonly number[]) => {
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      // Standard error of the mean of a uniform number, in which the deviation from 1/2 is counted.
      return (mean - 0.5) * Math.sqrt(12 * values.length);
    };
    expect(Math.abs(moments(small.map(({ fine }) => fine * 2 ** 12)))).toBeLessThan(4);
    expect(Math.abs(moments(small.map(({ fine }) => (fine * 2 ** 24) % 1)))).toBeLessThan(4);
    expect(Math.abs(moments(small.map(({ fine }) => (fine * 2 ** 28) % 1)))).toBeLessThan(4);
  });
});

describe("events of small probability", () => {
  it("are as rare as they should be, far below 2^-24", () => {
    // Of all draws only those whose 32 bits are 0 can be below 2^-32, and a search of them takes a while: so they are made.
    // mix is a bijection, so that some unit of every row draws 0.
    const below = (probability: number, rows: number): number => {
      let count = 0;
      for (let row = 0; row < rows; row++) {
        const key = rowKey(9, row);
        const unit = unitOfZero(key);
        if (drawFineUniform(key, unit) < probability) count++;
      }
      return count;
    };
    // Given 32 bits of 0, the draw is below p with probability p 2^32.
    const rows = 40_000;
    for (const probability of [1e-10, 1e-11, 1e-12]) {
      const expected = rows * probability * 2 ** 32;
      expect(Math.abs(below(probability, rows) - expected)).toBeLessThan(4 * Math.sqrt(expected));
    }
  });
});

/** The unit of a row for which `drawBits` is 0: mix(mix(unit + k0) ^ k1) = 0, and mix(0) = 0. */
function unitOfZero({ k0, k1 }: RowKey): number {
  return (unmix(k1) - k0) | 0;
}

/** The inverse of the 32-bit finaliser. */
function unmix(value: number): number {
  const unshift = (h: number, by: number): number => {
    let x = h;
    for (let shift = by; shift < 32; shift += by) x = h ^ (x >>> by);
    return x;
  };
  const inverse = (odd: number): number => {
    let x = odd;
    for (let k = 0; k < 5; k++) x = Math.imul(x, 2 - Math.imul(odd, x));
    return x;
  };
  let h = unshift(value | 0, 15);
  h = unshift(Math.imul(h, inverse(0xd35a2d97)), 15);
  return unshift(Math.imul(h, inverse(0x21f0aaad)), 16);
}
