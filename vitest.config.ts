import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Native GL loads in one thread of a process only, and the simd device starts threads of its own.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Tests run the package as it is built: Node loads dist/ itself, untransformed.
    server: { deps: { external: [/\/dist\//] } },
  },
});
