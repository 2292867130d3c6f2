import fc from "fast-check";
import { expect, test } from "vitest";
import { listColumns, listRows, type SpikeLists } from "#spikevine/src/device/gpujs/spike-lists";

/** The indices of every list, as plain arrays; what lies beyond a count does not matter. */
function indicesOf({ lists, room }: SpikeLists, stride: number): number[][] {
  return Array.from({ length: lists.length / room }, (_, list) => {
    const [count, ...entries] = lists.subarray(list * room, (list + 1) * room);
    return entries.slice(0, count).map((entry) => entry / stride);
  });
}

const indicesWhere = (values: readonly number[]): number[] =>
  values.flatMap((value, index) => (value === 0 ? [] : [index]));

test("two steps by hand: who fired when, and when each one fired", () => {
  const spikes = Float32Array.of(0, 1, 1, /* and then */ 1, 0, 1);
  const rows = listRows(spikes, 3, 10);
  expect([rows.room, ...rows.lists]).toEqual([4, 2, 10, 20, 0, 2, 0, 20, 0]);
  const columns = listColumns(spikes, 3, 10);
  expect([columns.room, ...columns.lists]).toEqual([3, 1, 10, 0, 1, 0, 0, 2, 0, 10]);
});

test("lists hold every spike once, in order, whatever fires", () => {
  const matrix = fc
    .integer({ min: 1, max: 9 })
    .chain((width) =>
      fc.array(fc.array(fc.constantFrom(0, 1), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 9 }),
    );
  fc.assert(
    fc.property(matrix, fc.integer({ min: 1, max: 1000 }), (rows, stride) => {
      const width = rows[0]!.length;
      const spikes = Float32Array.from(rows.flat());
      expect(indicesOf(listRows(spikes, width, stride), stride)).toEqual(rows.map(indicesWhere));
      const columns = rows[0]!.map((_, column) => rows.map((row) => row[column]!));
      expect(indicesOf(listColumns(spikes, width, stride), stride)).toEqual(columns.map(indicesWhere));
    }),
  );
});
