import { useEffect, useRef } from "preact/hooks";
import { shownTheme } from "../app/theme.js";
import { type Palette, palette } from "./colors.js";

export interface CanvasProps {
  /** Text for those who do not see the picture. */
  readonly label: string;
  /** In CSS pixels; a function of the width if it depends on it. */
  readonly height: number | ((width: number) => number);
  /** Draws in CSS pixels; called again when the size, the theme or the values change. */
  draw(
    context: CanvasRenderingContext2D,
    size: { readonly width: number; readonly height: number },
    colors: Palette,
  ): void;
  onPoint?(x: number, y: number, width: number): void;
  readonly class?: string;
}

/** A canvas as wide as its place, sharp on every screen. */
export function Canvas({ label, height, draw, onPoint, class: className }: CanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(draw);
  drawing.current = draw;
  const tallness = useRef(height);
  tallness.current = height;
  const theme = shownTheme.value;

  const paint = useRef(() => {
    const canvas = ref.current;
    if (canvas === null || canvas.clientWidth === 0) return;
    if (typeof tallness.current === "function") canvas.style.height = `${tallness.current(canvas.clientWidth)}px`;
    const ratio = devicePixelRatio || 1;
    const [width, tall] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(tall * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(tall * ratio);
    }
    const context = canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, tall);
    drawing.current(context, { width, height: tall }, palette());
  }).current;

  useEffect(() => {
    const observer = new ResizeObserver(paint);
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, [paint]);
  // A new drawing or theme paints again.
  useEffect(paint, [draw, theme, height]);

  return (
    <canvas
      ref={ref}
      role="img"
      aria-label={label}
      class={className}
      style={typeof height === "number" ? { height: `${height}px` } : {}}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        onPoint?.(event.clientX - box.left, event.clientY - box.top, box.width);
      }}
    />
  );
}
