import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The built site. */
export const site = fileURLToPath(new URL("../../site", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".ts": "text/plain",
  ".woff2": "font/woff2",
};

/** A server of plain files, as any host of static pages is one. */
export interface SiteServer {
  /** Address of the start page, with a slash at its end. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the built site on a free port of this machine. */
export async function serveSite(): Promise<SiteServer> {
  const server = createServer(async ({ url }, response) => {
    const path = decodeURIComponent(new URL(url!, "http://localhost").pathname);
    const file = join(site, normalize(path.endsWith("/") ? `${path}index.html` : path));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    response.end(await readFile(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
