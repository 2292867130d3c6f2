import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { SpikevineError } from "../../errors.js";
import { fileProblem } from "../../io/file-problem.js";
import { pageFile } from "./page-files.js";
import { listRuns, readRunFile } from "./run-files.js";

export interface StudioServer {
  readonly url: string;
  close(): Promise<void>;
}

interface StudioOptions {
  /** Port; 0 lets the system choose one. */
  readonly port: number;
  /** Folder whose runs are listed. */
  readonly runs: string;
  /** Folder of the built page. Default: that of the package. */
  readonly page?: string;
}

/** Only this machine reaches the server. */
const LOOPBACK = "127.0.0.1";

/**
 * Headers of every answer. The first two isolate the page from others, which gives it shared memory and so threads. The policy
 * lets the page load from this server only; formulas become functions at run time, which needs `unsafe-eval`.
 */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/**
 * Starts the server of the studio on the loopback interface.
 * @throws SpikevineError if the port cannot be used
 */
export async function startStudio({ port, runs, page }: StudioOptions): Promise<StudioServer> {
  const root = resolve(runs);
  let hosts: ReadonlySet<string> = new Set();
  const server: Server = createServer((request, response) => {
    answer(request, response, { root, hosts, page }).catch(() => {
      if (!response.headersSent) response.writeHead(500, HEADERS);
      response.end();
    });
  });
  await new Promise<void>((done, refuse) => {
    server.once("error", (error) => {
      const reason = (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? "it is in use" : fileProblem(error);
      refuse(new SpikevineError(`studio: cannot use port ${port}: ${reason}; give another one with --port.`));
    });
    server.listen(port, LOOPBACK, done);
  });
  const { port: taken } = server.address() as AddressInfo;
  hosts = new Set([`${LOOPBACK}:${taken}`, `localhost:${taken}`]);
  return {
    url: `http://${LOOPBACK}:${taken}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Served {
  readonly root: string;
  /** Values of the header `Host` that are served. */
  readonly hosts: ReadonlySet<string>;
  readonly page: string | undefined;
}

async function answer(
  { method, url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  { root, hosts, page }: Served,
): Promise<void> {
  const send = (status: number, type: string, body: Buffer | string): void => {
    response.writeHead(status, { ...HEADERS, "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
    response.end(method === "HEAD" ? undefined : body);
  };
  const refuse = (status: number, sentence: string): void => send(status, "text/plain; charset=utf-8", sentence);
  // A page of another site that resolves to this machine names its own host.
  if (!hosts.has(headers.host ?? "")) return refuse(403, "This server answers to its own address only.");
  if (!isOwnOrigin(headers, hosts)) return refuse(403, "This server answers its own page only.");
  if (method !== "GET" && method !== "HEAD") return refuse(405, "This server only reads.");
  // The address of the server only completes the path.
  const { pathname, searchParams } = new URL(url, `http://${LOOPBACK}`);
  if (pathname === "/api/runs") {
    return send(200, "application/json", JSON.stringify({ root, runs: await listRuns(root) }));
  }
  const [, run, file] = /^\/api\/runs\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
  if (run !== undefined && file !== undefined) {
    const from = Number(searchParams.get("from") ?? 0);
    const name = decoded(run);
    const isPlace = Number.isSafeInteger(from) && from >= 0;
    const bytes = name === undefined || !isPlace ? undefined : await readRunFile(root, name, file, from);
    return bytes === undefined ? refuse(404, "There is no such file.") : send(200, "text/plain; charset=utf-8", bytes);
  }
  const found = await pageFile(pathname, page);
  return found === undefined ? refuse(404, "There is no such file.") : send(200, found.type, found.body);
}

/** False for requests that the page of another origin makes. */
function isOwnOrigin(headers: IncomingMessage["headers"], hosts: ReadonlySet<string>): boolean {
  const site = headers["sec-fetch-site"];
  // A link on another page may open the studio, as any address that is typed; nothing else may come from there.
  if (site !== undefined && site !== "same-origin" && site !== "none" && headers["sec-fetch-mode"] !== "navigate") {
    return false;
  }
  return headers.origin === undefined || [...hosts].some((host) => headers.origin === `http://${host}`);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
