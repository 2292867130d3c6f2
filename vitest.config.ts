import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Native GL loads in one thread of a process only, and the simd device starts threads of its own.
    pool: "forks",
    maxWorkers: 2,
    // Far above the time of any test on a quiet machine: limits end tests that hang, and no test measures the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", "./scripts/failed-last.mjs"],
    // Tests run the package as it is built: Node loads dist/ itself, untransformed.
    server: { deps: { external: [/\/dist\//] } },
  },
});
