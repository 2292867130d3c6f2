import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SiteServer, serveSite, site } from "./serve.js";

let server: SiteServer;
beforeAll(async () => {
  server = await serveSite();
});
afterAll(() => server.close());

interface Page {
  readonly status: number;
  /** Names that a link can end with. */
  readonly anchors: ReadonlySet<string>;
  /** Addresses of links, images, scripts and style sheets. */
  readonly links: readonly string[];
}

const readable = (text: string): string => text.replaceAll("&amp;", "&");

async function read(address: string): Promise<Page> {
  const response = await fetch(address);
  const isPage = response.headers.get("content-type") === "text/html";
  const text = await response.text();
  const values = (pattern: RegExp): string[] =>
    isPage ? [...text.matchAll(pattern)].map(([, value]) => readable(value!)) : [];
  return {
    status: response.status,
    anchors: new Set(values(/\sid="([^"]*)"/g)),
    links: values(/\s(?:href|src)="([^"]*)"/g),
  };
}

/** Every page and file that can be reached from the start page, by address without anchor. */
async function crawl(start: string): Promise<Map<string, Page>> {
  const pages = new Map<string, Page>();
  const open = [start];
  while (open.length > 0) {
    const address = open.pop()!;
    if (pages.has(address)) continue;
    const page = await read(address);
    pages.set(address, page);
    for (const link of page.links) {
      const target = new URL(link, address);
      target.hash = "";
      if (target.href.startsWith(start)) open.push(target.href);
    }
  }
  return pages;
}

it("every link leads to a page, and every anchor to a heading", { timeout: 120_000 }, async () => {
  const pages = await crawl(server.address);
  const broken: string[] = [];
  for (const [address, { links }] of pages) {
    for (const link of links) {
      const { href, hash } = new URL(link, address);
      if (!href.startsWith(server.address)) continue;
      const target = pages.get(href.replace(/#.*$/, ""))!;
      if (target.status !== 200) broken.push(`${address}: ${link} is missing`);
      else if (hash !== "" && !target.anchors.has(decodeURIComponent(hash.slice(1))))
        broken.push(`${address}: ${link} has no such anchor`);
    }
  }
  expect(broken).toEqual([]);

  const reached = [...pages.keys()].map((address) => address.slice(server.address.length) || "index.html");
  const built = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
  const pagesReached = new Set(reached.map((path) => (path.endsWith("/") ? `${path}index.html` : path)));
  expect(built.filter((name) => !pagesReached.has(name))).toEqual(["404.html"]);
});

it("the API reference has every public name", async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, { default: string } | string>;
  };
  const missing: string[] = [];
  for (const [entry, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const page = readFileSync(join(site, "reference", `${entry.slice(2) || "spikevine"}.html`), "utf8");
    const headings = new Set([...page.matchAll(/<h3 [^>]*>(\w+)/g)].map(([, name]) => name));
    const names = Object.keys((await import(join(root, target.default))) as object);
    missing.push(...names.filter((name) => !headings.has(name)).map((name) => `${entry}: ${name}`));
  }
  expect(missing).toEqual([]);
});
