/** Number of neurons with padding, so that groups of four always fit. */
export const paddedSize = (size: number): number => Math.ceil(size / 4) * 4;
