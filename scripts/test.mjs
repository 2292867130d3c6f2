// npm test: installs, builds, checks the types of the tests and runs them. Arguments go to vitest: npm test -- test/cli
// npm run test:exhaustive: the files that use test/exhaustive.ts, with all cases that they have.
// npm run test:examples: runs the examples and compares their figures with the published ones. npm test leaves them out, since
// they take minutes, unless it is given their paths.
// npm run test:studio: builds the page of the studio and tests it in Chromium; npm test leaves this out likewise.
// npm run test:browsers: pages in Chromium: the graphics modes of gpu.js, and bundles of the package; npm test leaves this out.
// npm run test:site: builds the documentation site and tests it, its tutorials and their figures.
import { bootstrap, buildStudio, runCommand, runTool } from "./bootstrap.mjs";

const EXHAUSTIVE = ["conformance", "test/training/combinations", "test/training/modulated-rules"];

const passed = process.argv.slice(2);
const exhaustive = passed.includes("--exhaustive");
const examples = passed.includes("--examples");
const studio = passed.includes("--studio");
const site = passed.includes("--site");
const browsers = passed.includes("--browsers");
if (exhaustive) process.env.SPIKEVINE_EXHAUSTIVE = "1";
const args = passed.filter(
  (argument) => !["--exhaustive", "--examples", "--studio", "--site", "--browsers"].includes(argument),
);
const namesFiles = args.some((argument) => !argument.startsWith("-"));

function selection() {
  if (exhaustive) return EXHAUSTIVE;
  if (examples) return ["test/examples"];
  if (studio) return ["test/studio"];
  if (site) return ["test/site"];
  if (browsers) return ["test/browser"];
  return namesFiles
    ? []
    : ["--exclude=test/examples/**", "--exclude=test/studio/**", "--exclude=test/site/**", "--exclude=test/browser/**"];
}

await bootstrap();
if (studio) await buildStudio();
const typed = await runTool("typescript/bin/tsc", ["-p", "tsconfig.test.json"]);
const ready = typed || (site ? await runCommand(process.execPath, ["scripts/site.mjs"]) : 0);
process.exitCode = ready || (await runTool("vitest/vitest.mjs", ["run", ...selection(), ...args]));
