import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { transformWithOxc } from "vite";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Packages that the built modules import by name; gpu.js comes from its browser build as a global. */
const IMPORTS = {
  "fastest-levenshtein": "/node_modules/fastest-levenshtein/esm/mod.js",
};

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Spikevine in a browser</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script src="/node_modules/gpu.js/dist/gpu-browser.min.js"></script>
<script type="module">
  import * as suite from "/test/browser/suite.js";
  window.suite = suite;
</script>`;

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

export interface TestServer {
  readonly url: string;
  close(): void;
}

/** Serves the repository to a page: dist/ and the packages as they are, the tests with their types taken off. */
export async function startServer(): Promise<TestServer> {
  const server: Server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    // A page gets shared memory only if it is isolated from others.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    try {
      const [body, type] = pathname === "/" ? [PAGE, "text/html"] : await load(normalize(pathname));
      response.writeHead(200, { "Content-Type": type }).end(body);
    } catch {
      response.writeHead(404).end(`no ${pathname}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

async function load(path: string): Promise<[body: string | Buffer, type: string]> {
  if (path.startsWith("/test/") && path.endsWith(".js")) {
    const file = join(ROOT, path.replace(/\.js$/, ".ts"));
    const { code } = await transformWithOxc(await readFile(file, "utf8"), file, { lang: "ts" });
    // As the built modules name each other, or a page would load them twice.
    return [code.replaceAll(/"#spikevine\/([^"]+)"/g, '"/dist/$1.js"'), TYPES[".js"]!];
  }
  return [await readFile(join(ROOT, path)), TYPES[extname(path)] ?? "application/octet-stream"];
}
