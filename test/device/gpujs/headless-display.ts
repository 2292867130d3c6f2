import { spawn } from "node:child_process";

/** An X display: an existing one, or one that this process started. */
export interface Display {
  readonly name: string;
  close(): void;
}

/** Headless GL needs an X display although it draws nothing: uses the existing one or starts a virtual one. */
export async function openDisplay(): Promise<Display | undefined> {
  const present = process.env.DISPLAY;
  if (present) return { name: present, close: () => {} };
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const number = await new Promise<string | undefined>((resolve) => {
    server.once("error", () => resolve(undefined));
    server.once("exit", () => resolve(undefined));
    server.stdio[3]!.once("data", (data: Buffer) => resolve(data.toString().trim()));
  });
  if (number === undefined) return undefined;
  const name = `:${number}`;
  process.env.DISPLAY = name;
  process.once("exit", () => server.kill());
  return { name, close: () => server.kill() };
}
