/** Functions that a module may import in any precision. */
export const HOST = { sin: Math.sin, cos: Math.cos, log: Math.log, tanh: Math.tanh, atan: Math.atan, pow: Math.pow };
