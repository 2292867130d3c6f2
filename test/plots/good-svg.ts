import { expect } from "vitest";

/** Checks that the text is one well-formed element with finite numbers, and that no two labels overlap. */
export function expectGoodSvg(svg: string): void {
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|\[object/);
  const open: string[] = [];
  for (const [, close, tag, attributes, end] of svg.matchAll(/<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<>]*")*)(\/?)>/g)) {
    if (close === "/") expect(open.pop()).toBe(tag);
    else if (end !== "/") open.push(tag!);
    const names = [...attributes!.matchAll(/ ([a-zA-Z-]+)=/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
  expectNoOverlap(svg);
}

/** The labels' boxes, their widths estimated as narrow as common fonts make them. */
function expectNoOverlap(svg: string): void {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number) as [number, number, number];
  const boxes = [...svg.matchAll(/<text ([^>]*)>(.*?)<\/text>/g)].map(([, attributes, inner]) => {
    const value = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes!)?.[1];
    const label = inner!.replace(/<[^>]*>/g, "").replace(/&[a-z]+;/g, "x");
    const size = Number(value("font-size") ?? 11);
    const long = label.length * size * 0.5;
    if (value("transform")?.startsWith("rotate(-90")) {
      const [x, y] = [Number(value("x")), Number(value("y"))];
      return { label, left: x - size * 0.8, right: x, top: y - long / 2, bottom: y + long / 2 };
    }
    const anchor = value("text-anchor") ?? "start";
    const left = Number(value("x")) - (anchor === "end" ? long : anchor === "middle" ? long / 2 : 0);
    const bottom = Number(value("y"));
    return { label, left, right: left + long, top: bottom - size * 0.8, bottom };
  });
  boxes.forEach((a, i) => {
    expect(a.left, a.label).toBeGreaterThanOrEqual(0);
    expect(a.right, a.label).toBeLessThanOrEqual(width);
    expect(a.bottom, a.label).toBeLessThanOrEqual(height);
    for (const b of boxes.slice(i + 1)) {
      const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      expect(apart, `"${a.label}" and "${b.label}" overlap`).toBe(true);
    }
  });
}
