/**
 * The pen: smooth curves through points, and ink laid along them.
 */

/** Curve points between two given ones. */
const STEPS = 5;

/**
 * Appends a Catmull-Rom curve through `points` (`x0, y0, x1, y1, ...`) to `out` from entry `at` on; it begins and ends
 * at the first and last point. Returns the entry after the last one written.
 */
export function smoothCurve(points: Float64Array, length: number, out: Float64Array, at: number): number {
  const last = length - 2;
  for (let p = 0; p < last; p += 2) {
    const before = Math.max(0, p - 2);
    const after = Math.min(last, p + 4);
    for (let s = 0; s < STEPS; s++) {
      const t = s / STEPS;
      for (let axis = 0; axis < 2; axis++) {
        const a = points[before + axis]!;
        const b = points[p + axis]!;
        const c = points[p + 2 + axis]!;
        const d = points[after + axis]!;
        out[at++] = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      }
    }
  }
  out[at++] = points[last]!;
  out[at++] = points[last + 1]!;
  return at;
}

/**
 * Draws one curve with a round pen into `canvas` (`[size, size]`, row-major, 0 = paper, 1 = ink). The radius goes
 * linearly from `radiusStart` to `radiusEnd` pixels; `soft` is the half-width of the edge over which ink fades.
 * Where strokes cross, the darker one counts, as with a real pen.
 */
export function inkCurve(
  canvas: Float32Array,
  size: number,
  curve: Float64Array,
  from: number,
  to: number,
  pen: { readonly radiusStart: number; readonly radiusEnd: number; readonly soft: number },
): void {
  const segments = (to - from) / 2 - 1;
  for (let s = 0; s < segments; s++) {
    const at = from + 2 * s;
    const radius = pen.radiusStart + ((pen.radiusEnd - pen.radiusStart) * (s + 0.5)) / segments;
    inkSegment(canvas, size, curve[at]!, curve[at + 1]!, curve[at + 2]!, curve[at + 3]!, radius, pen.soft);
  }
}

function inkSegment(
  canvas: Float32Array,
  size: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  soft: number,
): void {
  const reach = radius + soft;
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squared = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / squared));
      const ex = x - x0 - along * dx;
      const ey = y - y0 - along * dy;
      const cover = Math.min(1, (reach - Math.sqrt(ex * ex + ey * ey)) / (2 * soft));
      if (cover > canvas[y * size + x]!) canvas[y * size + x] = cover;
    }
  }
}
