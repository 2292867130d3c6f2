import { trainCode } from "../train/code.js";

const CODES: Readonly<Record<string, () => string>> = { train: trainCode, draw: trainCode };

/** The script of a view. */
export const codeOf = (view: string): string => CODES[view]?.() ?? "";
