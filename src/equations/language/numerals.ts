/** Numbers within a text: not the digits of a name. */
export const NUMBER = /(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;

/** True if a numeral that is not 0 would be read as 0, such as 1e-400. */
export const isTooSmall = (numeral: string): boolean => Number(numeral) === 0 && /[1-9]/.test(numeral.split(/e/i)[0]!);

/**
 * A quantity in ASCII: micro sign and Greek mu become u; ohms, degrees and exponents become letters and digits;
 * typographic minus signs and spaces become ASCII.
 */
export const plainQuantity = (text: string): string =>
  plainText(text)
    .replace(/[\u00b5\u03bc]/g, "u")
    .replace(/Ohm\b|[\u03a9\u2126]/g, "ohm")
    .replace(/\u2103|\u00b0 ?C\b/g, "degC")
    .replace(/\u2109|\u00b0 ?F\b/g, "degF")
    .replace(/\u212a/g, "K")
    .replace(/[\u00b7\u22c5]/g, "*")
    .replace(
      /[\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+/g,
      (raised) => `^${raised.normalize("NFKC").replace("\u2212", "-")}`,
    );

/** A text with ASCII characters in place of typographic minus signs and spaces. */
export const plainText = (text: string): string =>
  text.replace(/\u2212/g, "-").replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " ");
