import { SpikevineError } from "../../errors.js";
import { parentOfThread } from "../../thread.js";
import { type H5Library, loadH5wasm } from "./library.js";
import { OpenFile } from "./open-file.js";
import { writeFile } from "./write-file.js";

/** The calls that the thread of a file answers. */
export interface Calls extends Pick<OpenFile, "kind" | "names" | "shape" | "read" | "attribute"> {
  /** Loads the library. */
  start(address: string | undefined): void;
  open(bytes: Uint8Array, name: string): void;
  write(root: Parameters<typeof writeFile>[1]): Uint8Array;
}

export interface Request {
  readonly call: keyof Calls;
  readonly given: readonly unknown[];
}

/** The result of a call; `isOurs` is true for an error that a person can cause. */
export type Answer = { readonly result: unknown } | { readonly failure: string; readonly isOurs: boolean };

let library: H5Library;
let file: OpenFile;

async function answer({ call, given }: Request): Promise<unknown> {
  const [first, second] = given as [never, never];
  switch (call) {
    case "start":
      library = await loadH5wasm(first);
      return;
    case "open":
      file = new OpenFile(library, first, second);
      return;
    case "write":
      return writeFile(library, first);
    default:
      return file[call](first, second);
  }
}

// The library prints problems that it also throws. The console of this thread is its own.
console.error = () => {};

const parent = parentOfThread<Request, Answer>();
/** Requests are answered one after the other. */
let last = Promise.resolve();
parent.onRequest((request) => {
  last = last.then(async () => parent.send(await answerOrFailure(request)));
});

async function answerOrFailure(request: Request): Promise<Answer> {
  try {
    return { result: await answer(request) };
  } catch (error) {
    if (error instanceof SpikevineError) return { failure: error.message, isOurs: true };
    return { failure: String(error), isOurs: false };
  }
}
