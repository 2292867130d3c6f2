// npm run check: formatter, linter and types of everything; --fix corrects files where possible.
import { bootstrap, runTool } from "./bootstrap.mjs";

await bootstrap({ withBuild: false });
const fix = process.argv.includes("--fix");
const linted = await runTool("@biomejs/biome/bin/biome", ["check", ...(fix ? ["--write"] : []), "."]);
// The tests import the built package, so it must be built before their types are checked.
await bootstrap();
const typed =
  (await runTool("typescript/bin/tsc", ["-p", "tsconfig.test.json"])) ||
  (await runTool("typescript/bin/tsc", ["-p", "studio"]));
process.exitCode = linted || typed;
