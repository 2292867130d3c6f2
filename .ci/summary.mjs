// Reads vitest's JSON report: lists failures and skips, refuses skips of what CI can run, ends with the line of counts.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** CI has no WebGPU adapter and no Python packages, and the published data sets may not be there. Everything else it can run. */
const mayBeSkipped = (name) => /webgpu|real files|Python's/i.test(name);

if (!existsSync(process.argv[2])) {
  console.log("The tests did not run: see above.");
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}
const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tests = report.testResults.flatMap((file) =>
  file.assertionResults.map(({ fullName, status }) => ({
    name: `${relative(process.cwd(), file.name)} > ${fullName}`,
    status,
  })),
);
const failed = tests.filter((test) => test.status === "failed");
const skipped = tests.filter((test) => test.status !== "failed" && test.status !== "passed");
// A file that fails before its first test has no tests to count.
const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
const refused = skipped.filter((test) => !mayBeSkipped(test.name));

for (const file of broken) console.log(`failed: ${relative(process.cwd(), file.name)}: ${file.message}`);
for (const test of failed) console.log(`failed: ${test.name}`);
for (const test of skipped) console.log(`skipped${mayBeSkipped(test.name) ? "" : ", but CI can run it"}: ${test.name}`);

const passed = tests.length - failed.length - skipped.length;
console.log(`${passed} passed, ${failed.length + broken.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length + broken.length + refused.length > 0 || passed === 0 ? 1 : 0;
