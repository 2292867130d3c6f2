import type { Field } from "../../experiment/fields.js";
import type { Command } from "../command-line/command.js";
import { UsageError } from "../command-line/usage-error.js";
import { checkPage } from "../studio/page-files.js";
import { startStudio } from "../studio/server.js";
import { watchInterrupt } from "../terminal/interrupt.js";

const flag = (name: string, rest: Pick<Field, "kind" | "default" | "description" | "expects">): Field => ({
  keys: [name],
  path: name,
  flag: name,
  group: "Studio",
  ...rest,
});

const OUT = flag("out", {
  kind: "text",
  default: "runs",
  description: "folder whose run folders the page lists and follows",
  expects: "a folder",
});

const PORT = flag("port", {
  kind: "number",
  default: 7417,
  description: "port of the page; 0: a free one",
  expects: "a whole number from 0 to 65535",
});

/** `spikevine studio`: serves the page in which networks, neurons and synapses are trained, drawn and looked into. */
export const studioCommand: Command = {
  name: "studio",
  summary: "serves a page on this machine in which networks are trained and looked into, and runs are followed",
  fields: [],
  own: [OUT, PORT],
  async run({ terminal, own }) {
    const port = Number(own(PORT) ?? PORT.default);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new UsageError(`studio: --port is ${port}; give ${PORT.expects}.`);
    }
    await checkPage();
    const server = await startStudio({ port, runs: String(own(OUT) ?? OUT.default) });
    const interrupt = watchInterrupt(terminal, () => undefined);
    try {
      terminal.line(`studio   ${server.url}`);
      terminal.line("Only this machine can open it. Ctrl-C ends it.");
      await new Promise<void>((resolve) => {
        if (interrupt.signal.aborted) resolve();
        interrupt.signal.addEventListener("abort", () => resolve());
      });
      return interrupt.exitCode ?? 0;
    } finally {
      interrupt.release();
      await server.close();
    }
  },
};
