import { expect, it } from "vitest";
import { visibleText } from "#spikevine/src/io/visible-text";

it("control characters and marks of direction are spelled out; line breaks, tabs and letters stay", () => {
  expect(visibleText("\x1b]0;title\x07\x1b[2J\r\x00\x7f\x9b")).toBe("\\x1b]0;title\\x07\\x1b[2J\\x0d\\x00\\x7f\\x9b");
  expect(visibleText("gpj.\u202eexe \u2066\u2069\u2028\ufeff")).toBe("gpj.\\u202eexe \\u2066\\u2069\\u2028\\ufeff");
  expect(visibleText("a\tb\n興奮 µ ± ✓ 🎉")).toBe("a\tb\n興奮 µ ± ✓ 🎉");
});
