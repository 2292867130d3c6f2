// npm test: installs, builds, checks the types of the tests and runs them. Arguments go to vitest: npm test -- test/cli
import { bootstrap, runTool } from "./bootstrap.mjs";

await bootstrap();
const typed = await runTool("typescript/bin/tsc", ["-p", "tsconfig.test.json"]);
process.exitCode = typed || (await runTool("vitest/vitest.mjs", ["run", ...process.argv.slice(2)]));
