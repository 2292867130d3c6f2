import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SpikevineError } from "../../errors.js";

/** The built page, which the package contains. */
export const PAGE_FOLDER = fileURLToPath(new URL("../../../../studio/dist/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** A file of the page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** Tells the page that a server lists runs. */
const MARK = '<meta name="spikevine-server" content="runs" />';

/**
 * Reads the page: `index.html` and the files in `assets/`. Their names are plain, so no name leads out of the folder.
 * @returns undefined if there is no such file
 */
export async function pageFile(path: string, folder: string = PAGE_FOLDER): Promise<PageFile | undefined> {
  const name = path === "/" ? "index.html" : /^\/(assets\/[\w-][\w.-]*)$/.exec(path)?.[1];
  const type = name && TYPES[extname(name)];
  if (name === undefined || type === undefined) return undefined;
  const body = await readFile(join(folder, name)).catch(() => undefined);
  if (body === undefined) return undefined;
  if (name !== "index.html") return { type, body };
  return { type, body: Buffer.from(body.toString("utf8").replace("<title>", `${MARK}<title>`)) };
}

/** @throws SpikevineError if the page has not been built */
export async function checkPage(folder: string = PAGE_FOLDER): Promise<void> {
  if ((await pageFile("/", folder)) !== undefined) return;
  throw new SpikevineError(
    `studio: the page is missing in "${folder}"; in a clone, build it with "npm run build:studio".`,
  );
}
