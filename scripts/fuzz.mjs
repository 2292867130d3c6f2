// npm run fuzz: every reader against 10,000 cases (or the number in the argument), from a new seed per run.
// A case that fails is printed with its seed: npm run fuzz -- 10000 SEED repeats it.
import { bootstrap, runTool } from "./bootstrap.mjs";

const [cases = "10000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
await bootstrap();
console.error(`${cases} cases per reader, seed ${seed}`);
Object.assign(process.env, { SPIKEVINE_FUZZ_CASES: cases, SPIKEVINE_FUZZ_SEED: seed });
process.exitCode = await runTool("vitest/vitest.mjs", ["run", "test/robustness/fuzz"]);
