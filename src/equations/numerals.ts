/** Numbers within a text: not the digits of a name. */
export const NUMBER = /(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;

/** Whether a numeral that is not 0 would be read as 0, such as 1e-400. */
export const isTooSmall = (numeral: string): boolean => Number(numeral) === 0 && /[1-9]/.test(numeral.split(/e/i)[0]!);

/** A text with the minus sign and the spaces of typeset papers as a keyboard has them. */
export const plainText = (text: string): string =>
  text.replace(/\u2212/g, "-").replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " ");
