import type { WriteStream } from "node:tty";
import { describe, expect, it } from "vitest";
import { colored, type LineStyle } from "#spikevine/src/cli/terminal/colors";
import { processTerminal } from "#spikevine/src/cli/terminal/terminal";

/** A stream that remembers; a terminal with or without colors, or a pipe, which has no `hasColors`. */
function stream(kind: "colors" | "plain" | "pipe") {
  const written: string[] = [];
  const isTTY = kind !== "pipe";
  const out = {
    ...{ isTTY, columns: isTTY ? 80 : undefined, on: () => out, write: (text: string) => written.push(text) },
    ...(isTTY ? { hasColors: () => kind === "colors" } : {}),
  };
  return { out: out as unknown as WriteStream, text: () => written.join("") };
}

const STYLES: readonly LineStyle[] = ["error", "warning", "result", "table", "summary", "help"];
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors are control sequences
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, "");

describe("colors", () => {
  const text = "warning: spikevine: name  value\n  --flag  text\n  -h, --help  more";

  it("change no character of any style", () => {
    for (const style of STYLES) expect(plain(colored(text, style))).toBe(text);
  });

  it("are on a terminal that has them, and nowhere else", () => {
    for (const style of STYLES) {
      const [colors, bare, pipe] = [stream("colors"), stream("plain"), stream("pipe")];
      for (const { out } of [colors, bare, pipe]) processTerminal(out, out).line(`spikevine: warning: ${text}`, style);
      expect(colors.text()).toContain(style === "warning" || style === "help" ? "spikevine" : "\u001b[");
      for (const { text } of [bare, pipe]) expect(text()).not.toContain("\u001b");
    }
  });

  it("color warnings, errors and the bar of progress", () => {
    const { out, text } = stream("colors");
    const terminal = processTerminal(out, out);
    terminal.line("warning: a layer is silent", "warning");
    terminal.error("spikevine: no");
    terminal.status("epoch ██░░ 50%");
    expect(text()).toContain("\u001b[33mwarning:\u001b[39m a layer");
    expect(text()).toContain("\u001b[31mspikevine:\u001b[39m no");
    expect(text()).toContain("epoch \u001b[36m██░░\u001b[39m 50%");
  });

  it("still spell out control characters of names", () => {
    const { out, text } = stream("colors");
    processTerminal(out, out).line("data \u001b[31mred", "result");
    expect(text()).toBe("\u001b[32mdata \\x1b[31mred\u001b[39m\n");
  });
});
