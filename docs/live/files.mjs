// node:fs/promises of the scripts in a page: a file that a script writes is shown below it.
import { send } from "./messages.mjs";

export async function writeFile(name, text) {
  send({ kind: "file", name, text });
}
