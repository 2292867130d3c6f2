import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
};

export interface Site {
  readonly url: string;
  /** The scripts that pages have loaded, by their paths. */
  readonly scripts: ReadonlyMap<string, Buffer>;
  /** The first text that a page has sent to `/result`. */
  readonly result: Promise<string>;
  close(): void;
}

/**
 * Serves a folder, and a page at `/page/MODULE` that loads a module of it.
 * @param folder of the files
 * @param options.isolated whether pages may share memory between threads
 * @param options.missing ending of paths that are not found
 * @param options.page text of a page at `/page`, in place of those
 */
export async function serve(
  folder: string,
  options: { isolated: boolean; missing?: string; page?: string },
): Promise<Site> {
  const { isolated, missing } = options;
  const page = (module: string): string => `<!doctype html>
<meta charset="utf-8"><title>Spikevine</title><link rel="icon" href="data:,">
<script type="module" src="${module}"></script>`;
  const scripts = new Map<string, Buffer>();
  let sent: (text: string) => void;
  const result = new Promise<string>((resolve) => {
    sent = resolve;
  });
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    if (pathname === "/result") {
      sent(await text(request));
      response.writeHead(204).end();
      return;
    }
    if (pathname === "/page" || pathname.startsWith("/page/")) {
      const html = options.page ?? page(pathname.slice("/page".length));
      response.writeHead(200, { "Content-Type": "text/html" }).end(html);
      return;
    }
    const body = missing !== undefined && pathname.endsWith(missing) ? undefined : await load(folder, pathname);
    if (body !== undefined && pathname.endsWith(".js")) scripts.set(pathname, body);
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "Content-Type": TYPES[extname(pathname)] ?? "application/octet-stream" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, scripts, result, close: () => server.close() };
}

const load = (folder: string, path: string): Promise<Buffer | undefined> =>
  readFile(join(folder, normalize(path))).catch(() => undefined);
