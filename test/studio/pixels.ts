import type { Page } from "playwright-core";

/** Labels of pictures that are blank: canvases of which all pixels are alike. */
export function blankCanvases(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("canvas")].flatMap((canvas) => {
      if (canvas.width === 0 || canvas.height === 0) return [`${canvas.getAttribute("aria-label")}: no size`];
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const words = new Uint32Array(data.buffer);
      if (words.some((word) => word !== words[0])) return [];
      return [canvas.getAttribute("aria-label") ?? canvas.parentElement?.className ?? "canvas"];
    }),
  );
}

/** Pairs of figures, controls or texts that lie over each other, and parts that leave the page to the right. */
export function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (element: Element): string =>
      `${element.tagName.toLowerCase()} "${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}"`;
    const found: string[] = [];
    const isShown = (element: Element): boolean =>
      element.checkVisibility({ visibilityProperty: true }) &&
      element.closest(".unseen, .skip, dialog:not([open])") === null;
    for (const selector of [
      ".figure",
      ".controls > *",
      "button, select, input:not([type=file])",
      ".field",
      "h2, .downloads",
    ]) {
      const boxes = [...document.querySelectorAll(selector)]
        .filter(isShown)
        .map((element) => ({ element, box: element.getBoundingClientRect() }));
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
          const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (width > 1 && height > 1) found.push(`${name(a.element)} over ${name(b.element)}`);
        }
      }
    }
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > edge)
      found.push(`the page is ${document.documentElement.scrollWidth} px wide, of ${edge}`);
    for (const element of document.querySelectorAll(".figure, .controls, .field, button")) {
      if (isShown(element) && element.getBoundingClientRect().right > edge + 1)
        found.push(`${name(element)} leaves the page`);
    }
    return found;
  });
}
