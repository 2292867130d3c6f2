/**
 * Messages from the worker of a script to its page: `{ kind: "print", text }`, `{ kind: "file", name, text }` for a file that
 * the script has written, and `{ kind: "end", error }` with an error or without.
 */
export const send = (message) => postMessage(message);
