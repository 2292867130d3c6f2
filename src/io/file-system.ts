import fs from "node:fs";
import { made } from "../arguments/index.js";

/** An open file. */
export interface OpenFile {
  writeFile(content: Uint8Array | string): Promise<void>;
  /** Writes at the current position; the system may write fewer bytes than given. */
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  read(into: Uint8Array): Promise<{ readonly bytesRead: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * System calls needed to save a run, as in `node:fs`. Everything that writes takes them as a parameter, so that a test
 * can pass a system whose n-th call fails.
 */
export interface FileSystem {
  readonly promises: {
    link(from: string, to: string): Promise<void>;
    mkdir(path: string): Promise<unknown>;
    open(path: string, flags: string): Promise<OpenFile>;
    readdir(path: string): Promise<string[]>;
    readFile(path: string): Promise<Uint8Array>;
    readFile(path: string, encoding: "utf8"): Promise<string>;
    rename(from: string, to: string): Promise<void>;
    rm(path: string, options: { readonly force: boolean; readonly recursive?: boolean }): Promise<void>;
    stat(
      path: string,
    ): Promise<{ readonly size: number; readonly mtimeMs: number; isDirectory(): boolean; isFile(): boolean }>;
  };
  openSync(path: string, flags: string): number;
  writeSync(file: number, bytes: Uint8Array, offset?: number): number;
  fsyncSync(file: number): void;
  ftruncateSync(file: number, length: number): void;
  closeSync(file: number): void;
}

/** The file system of this machine. */
export const systemFiles: FileSystem = fs;

/** A file system as an argument. */
export const FILES = made("a file system as node:fs is one", "promises", "openSync");
