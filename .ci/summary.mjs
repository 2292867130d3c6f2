// Reads vitest's JSON reports, one per suite and Node version: lists failures and skips, refuses skips of tests that CI can
// run, and ends with one line of total counts.
import { existsSync, readFileSync } from "node:fs";
import { basename, relative } from "node:path";

/**
 * CI has no WebGPU adapter and no Python packages, and the published data sets may be missing. 256-bit vectors need AVX2 and
 * a newer Node than CI's own, and so does fused arithmetic with FMA; where they are available, SPIKEVINE_REQUIRE_WIDE and
 * SPIKEVINE_REQUIRE_FUSED turn their skips into failures. CI can run everything else, if the registry has the newer Nodes.
 */
const mayBeSkipped = (name) =>
  /webgpu|real files|Python's|256-bit vectors: |fused arithmetic: |cannot be had/i.test(name);

const failures = [];
const skips = [];
let passed = 0;
for (const path of process.argv.slice(2)) {
  // The report of CI's own Node covers all tests.
  const where = basename(path) === "results.json" ? "" : `${basename(path, ".json")}: `;
  if (existsSync(`${path}.unavailable`)) {
    skips.push(`${where}this Node cannot be had from the registry`);
    continue;
  }
  if (!existsSync(path)) {
    failures.push(`${where}the tests did not run: see above`);
    continue;
  }
  for (const { name: file, status, message, assertionResults } of JSON.parse(readFileSync(path, "utf8")).testResults) {
    const name = where + relative(process.cwd(), file);
    // A file that fails before its first test has no tests to count.
    if (status === "failed" && assertionResults.length === 0) failures.push(`${name}: ${message}`);
    for (const test of assertionResults) {
      if (test.status === "passed") passed++;
      else (test.status === "failed" ? failures : skips).push(`${name} > ${test.fullName}`);
    }
  }
}

for (const name of failures) console.log(`failed: ${name}`);
for (const name of skips) console.log(`skipped${mayBeSkipped(name) ? "" : ", but CI can run it"}: ${name}`);
console.log(`${passed} passed, ${failures.length} failed, ${skips.length} skipped`);
process.exitCode = failures.length > 0 || passed === 0 || !skips.every(mayBeSkipped) ? 1 : 0;
