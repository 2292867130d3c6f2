/**
 * Spikes as lists, for the modes whose arrays are JavaScript's: a sum over the units that fired instead of one over all.
 * A list is a row of numbers: how many there are, then where each one's numbers begin in the array that is summed up,
 * index times `stride`. Every row has room for all.
 */
export interface SpikeLists {
  readonly lists: Float32Array;
  /** Numbers of a list. */
  readonly room: number;
}

/** For every row of `[rows, width]`, the columns that are not 0. */
export function listRows(spikes: Float32Array, width: number, stride: number): SpikeLists {
  const room = width + 1;
  const rows = spikes.length / width;
  const lists = new Float32Array(rows * room);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const start = row * room;
    let end = start;
    for (let column = 0; column < width; column++) {
      if (spikes[from + column] !== 0) lists[++end] = column * stride;
    }
    lists[start] = end - start;
  }
  return { lists, room };
}

/** For every column of `[rows, width]`, the rows that are not 0. */
export function listColumns(spikes: Float32Array, width: number, stride: number): SpikeLists {
  const rows = spikes.length / width;
  const room = rows + 1;
  const lists = new Float32Array(width * room);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let column = 0; column < width; column++) {
      if (spikes[from + column] === 0) continue;
      const start = column * room;
      const count = lists[start]! + 1;
      lists[start] = count;
      lists[start + count] = row * stride;
    }
  }
  return { lists, room };
}
