/** Colors of charts, from the custom properties of the page, so that both themes share the code. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly panel: string;
  /** For series in their order; distinguishable with every form of color blindness. */
  readonly series: readonly string[];
  readonly positive: readonly [number, number, number];
  readonly negative: readonly [number, number, number];
  readonly zero: readonly [number, number, number];
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"),
    muted: of("muted"),
    line: of("line"),
    panel: of("panel"),
    series: [1, 2, 3, 4, 5, 6].map((i) => of(`series-${i}`)),
    positive: rgb(of("positive")),
    negative: rgb(of("negative")),
    zero: rgb(of("zero")),
  };
}

/** `#rrggbb` as three numbers. */
function rgb(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
