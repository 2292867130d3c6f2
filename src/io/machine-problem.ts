const SENTENCES: Readonly<Record<string, string>> = {
  EMFILE: 'this process may not open more files; allow more, e.g. with "ulimit -n 1024".',
  ENFILE: "the machine has no more files to open; end other programs, or raise its limit (fs.file-max).",
  EAGAIN:
    'the machine starts no more threads or processes for this user; give fewer threads, or allow more with "ulimit -u".',
  ERR_WORKER_INIT_FAILED:
    'a thread could not be started; give fewer threads, or allow more files and threads with "ulimit -n" and "ulimit -u".',
  ERR_WORKER_OUT_OF_MEMORY: "a thread has run out of memory; give fewer threads, or a smaller network or batch.",
  ENOMEM: "the machine has no memory left; end other programs, or make the network or the batch smaller.",
  ENOSPC: "the disk is full; free some space on it.",
  EDQUOT: "your disk quota is used up; free some of it.",
  EIO: "a disk or terminal does not respond (an input or output error); see the log of the machine.",
};

/** Loading this program takes at most this many open files at once. */
const FILES_TO_LOAD = 256;

/**
 * Says whether a package was not found because no more files could be opened: Node looks for a package by opening files,
 * and reports each failure as a missing package.
 */
function packageNotOpened(code: string): boolean {
  if (code !== "ERR_MODULE_NOT_FOUND") return false;
  const report = process.report?.getReport() as { userLimits?: { open_files?: { soft?: unknown } } } | undefined;
  const limit = report?.userLimits?.open_files?.soft;
  return typeof limit === "number" && limit < FILES_TO_LOAD;
}

/**
 * Describes in one sentence the resource that the machine has run out of, if an error says so; the program is not at
 * fault then. This file imports nothing, since it must work when nothing more can be loaded.
 */
export function problemOfMachine(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  if (typeof code !== "string") return undefined;
  if (packageNotOpened(code)) return SENTENCES.EMFILE;
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
}
