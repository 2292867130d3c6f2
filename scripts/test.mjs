// npm test: installs, builds, checks the types of the tests and runs them. Arguments go to vitest: npm test -- test/cli
// npm run test:exhaustive: the files that use test/exhaustive.ts, with all cases that they have.
import { bootstrap, runTool } from "./bootstrap.mjs";

const EXHAUSTIVE = ["conformance", "test/training/combinations", "test/training/modulated-rules"];

const passed = process.argv.slice(2);
const exhaustive = passed.includes("--exhaustive");
if (exhaustive) process.env.SPIKEVINE_EXHAUSTIVE = "1";
const args = passed.filter((argument) => argument !== "--exhaustive");

await bootstrap();
const typed = await runTool("typescript/bin/tsc", ["-p", "tsconfig.test.json"]);
process.exitCode = typed || (await runTool("vitest/vitest.mjs", ["run", ...(exhaustive ? EXHAUSTIVE : []), ...args]));
