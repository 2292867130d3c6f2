// npm start: trains with the defaults, or with the flags after `npm start --`.
// The command runs in this process, so that it has the terminal, Ctrl-C and the exit code.
import { bootstrap } from "./bootstrap.mjs";

await bootstrap();
const { runCli } = await import("../dist/src/cli/command-line/run.js");
process.exitCode = await runCli(["train", ...process.argv.slice(2)]);
