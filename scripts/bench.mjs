// npm run bench: measures, always as ratios within one run; npm run bench -- --help lists the options.
import { bootstrap, root } from "./bootstrap.mjs";

await bootstrap();
const { main } = await import("../dist/bench/main.js");
process.exitCode = await main(root, process.argv.slice(2));
