import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses, so that the built page works in any folder of a web space.
  base: "./",
  resolve: {
    alias: { "mathjs/lib/browser/math.js": fileURLToPath(new URL("src/engine/mathjs.ts", import.meta.url)) },
  },
  // The page computes with the device simd; gpu.js would add half its size.
  worker: { format: "es", rolldownOptions: { external: ["gpu.js"] } },
  build: { target: "es2022", modulePreload: { polyfill: false } },
});
