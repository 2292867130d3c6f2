import { appendFile, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StudioServer, startStudio } from "#spikevine/src/cli/studio/server";
import { spikevine } from "./run-cli.js";

let folder: string;
let server: StudioServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spikevine-studio-"));
  await mkdir(join(folder, "page/assets"), { recursive: true });
  await writeFile(join(folder, "page/index.html"), "<!doctype html><title>studio</title>");
  await writeFile(join(folder, "page/assets/a-1.js"), "export {};");
  await writeFile(join(folder, "secret.js"), "secret");
  await mkdir(join(folder, "runs/one run"), { recursive: true });
  await mkdir(join(folder, "runs/empty"));
  await writeFile(join(folder, "runs/one run/config.json"), "{}");
  await writeFile(join(folder, "runs/one run/metrics.ndjson"), '{"epoch":1}\n');
  await writeFile(join(folder, "runs/one run/secret.txt"), "secret");
  await mkdir(join(folder, "outside"));
  await writeFile(join(folder, "outside/config.json"), "secret");
  await symlink(join(folder, "outside"), join(folder, "runs/linked"));
  await mkdir(join(folder, "runs/file-link"));
  await symlink(join(folder, "outside/config.json"), join(folder, "runs/file-link/config.json"));
  server = await startStudio({ port: 0, runs: join(folder, "runs"), page: join(folder, "page") });
});

afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends a path as it is; `fetch` would tidy it up. */
function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let body = "";
      response.on("data", (part) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("the server of the studio", () => {
  test("is on the loopback interface", () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test("sends the page, marked and isolated", async () => {
    const { status, headers, body } = await get("/");
    expect(status).toBe(200);
    expect(body).toContain('<meta name="spikevine-server" content="runs" /><title>studio</title>');
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect((await get("/assets/a-1.js")).body).toBe("export {};");
  });

  test.each(["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])("refuses the host %s", async (host) => {
    expect((await get("/", { Host: host })).status).toBe(403);
  });

  test("takes localhost as its host", async () => {
    expect((await get("/", { Host: `localhost:${new URL(server.url).port}` })).status).toBe(200);
  });

  test("refuses pages of other origins, and takes its own", async () => {
    expect((await get("/api/runs", { Origin: "http://evil.example" })).status).toBe(403);
    expect((await get("/api/runs", { Origin: "null" })).status).toBe(403);
    expect((await get("/api/runs", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" })).status).toBe(403);
    expect((await get("/", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" })).status).toBe(200);
    expect((await get("/api/runs", { Origin: server.url.slice(0, -1), "Sec-Fetch-Site": "same-origin" })).status).toBe(
      200,
    );
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("refuses %s", async (method) => {
    expect((await get("/", {}, method)).status).toBe(405);
  });

  test.each([
    "/secret.js",
    "/../secret.js",
    "/assets/../../secret.js",
    "/assets/%2e%2e/%2e%2e/secret.js",
    "/assets/..%2f..%2fsecret.js",
    "//evil.example/secret.js",
    "/api/runs/../config.json",
    "/api/runs/..%2foutside/config.json",
    "/api/runs/linked/config.json",
    "/api/runs/file-link/config.json",
    "/api/runs/one%20run/secret.txt",
    "/api/runs/one%20run/..%2fsecret.js",
    "/api/runs/%/config.json",
    "/api/runs/one%20run/metrics.ndjson?from=-1",
    "/api/runs/one%20run/metrics.ndjson?from=x",
  ])("serves nothing outside its folders: %s", async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(404);
    expect(body).not.toContain("secret\n");
  });

  test("lists runs and sends the rest of a file that grows", async () => {
    const { body } = await get("/api/runs");
    const { runs } = JSON.parse(body) as { runs: { name: string; files: Record<string, number> }[] };
    expect(runs.map(({ name }) => name)).toContain("one run");
    expect(runs.map(({ name }) => name)).not.toContain("empty");
    expect(runs.map(({ name }) => name)).not.toContain("linked");
    const path = "/api/runs/one%20run/metrics.ndjson";
    const first = (await get(path)).body;
    expect(first).toBe('{"epoch":1}\n');
    await appendFile(join(folder, "runs/one run/metrics.ndjson"), '{"epoch":2}\n');
    expect((await get(`${path}?from=${first.length}`)).body).toBe('{"epoch":2}\n');
    expect((await get(`${path}?from=1000`)).body).toBe("");
  });

  test("a folder of runs that does not exist yet has no runs", async () => {
    const other = await startStudio({ port: 0, runs: join(folder, "none"), page: join(folder, "page") });
    const runs = await fetch(`${other.url}api/runs`).then((response) => response.json());
    expect(runs).toEqual({ root: join(folder, "none"), runs: [] });
    await other.close();
  });

  test("a port that is in use is refused in one sentence", async () => {
    const port = Number(new URL(server.url).port);
    await expect(startStudio({ port, runs: folder })).rejects.toThrow(
      `studio: cannot use port ${port}: it is in use; give another one with --port.`,
    );
  });

  test("a port that is not one is refused", async () => {
    const { code, stderr } = await spikevine("studio", "--port", "70000");
    expect(code).toBe(2);
    expect(stderr).toBe("spikevine: studio: --port is 70000; give a whole number from 0 to 65535.\n");
  });
});
