import { type LogFn, type Logger, multistream, pino, type StreamEntry } from "pino";
import { build as prettyStream } from "pino-pretty";
import { choice, fields, filePath, flag, made, optional, signature } from "../../arguments/index.js";
import { cannot } from "../file-problem.js";
import { FILES, type FileSystem, systemFiles } from "../file-system.js";
import { visibleText } from "../visible-text.js";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface RunLog {
  readonly logger: Logger;
  /** Writes the remaining lines and closes the file. */
  close(): void;
}

interface LogOptions {
  file?: string;
  terminal?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  level?: string;
  /** Colors on the terminal. Default: if it is a terminal and `NO_COLOR` is not set. */
  color?: boolean;
  files?: FileSystem;
}

const check = signature("openLog", {
  options: fields<LogOptions>(
    {
      file: optional(filePath),
      terminal: optional(made("a stream to write to, e.g. process.stderr", "write")),
      level: optional(choice(LOG_LEVELS)),
      color: optional(flag),
      files: optional(FILES),
    },
    { root: "options" },
  ),
});

/**
 * A logger that writes NDJSON to a file and readable lines to a terminal, both from one level upward. This thread
 * writes every line at once and in order, so nothing is lost when the program ends, and no worker is started.
 * @param options.file path of the NDJSON file; default: no file
 * @param options.terminal stream of the readable lines, e.g. `process.stderr`; default: none
 * @param options.level default `info`
 * @throws SpikevineError for an unknown level or a file that cannot be written
 */
export function openLog(options: LogOptions): RunLog {
  check([options]);
  const { files = systemFiles } = options;
  const level = (options.level ?? "info") as LogLevel;
  const streams: StreamEntry[] = [];
  // multistream drops lines below a stream's own level, which defaults to "info".
  const streamLevel = level === "silent" ? "fatal" : level;
  let file: number | undefined;
  if (options.file !== undefined) {
    try {
      file = files.openSync(options.file, "a");
    } catch (error) {
      throw cannot("write", options.file, error, "choose another folder for the run");
    }
    streams.push({ level: streamLevel, stream: fileStream(file, files) });
  }
  if (options.terminal !== undefined) {
    const color = options.color ?? (options.terminal.isTTY === true && !process.env.NO_COLOR);
    const stream = prettyStream({
      colorize: color,
      destination: options.terminal as NodeJS.WritableStream,
      ignore: "pid,hostname",
      translateTime: "SYS:HH:MM:ss",
      sync: true,
    });
    streams.push({ level: streamLevel, stream });
  }
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { logMethod: logVisibly } },
    multistream(streams),
  );
  return {
    logger,
    close() {
      logger.flush();
      if (file !== undefined) files.closeSync(file);
    },
  };
}

/** Messages quote names from files, and the pretty stream prints them unchanged. */
function logVisibly(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const visible = args.map((arg: unknown) => (typeof arg === "string" ? visibleText(arg) : arg));
  method.apply(this, visible as Parameters<LogFn>);
}

/** Writes at once. A line that does not fit on the disk is lost: a full log must not end a training. */
function fileStream(file: number, files: FileSystem): { write(line: string): void } {
  return {
    write(line) {
      try {
        files.writeSync(file, Buffer.from(line));
      } catch {
        return;
      }
    },
  };
}
