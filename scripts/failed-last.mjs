/** Reporter of vitest: repeats the names of the failed tests in the last lines, under the summary. */
export default class FailedLast {
  onTestRunEnd(modules, errors) {
    const failed = modules.flatMap((module) => {
      const tests = [...module.children.allTests("failed")].map(
        (test) => `${module.relativeModuleId} > ${test.fullName}`,
      );
      // A file that fails before its first test has no tests.
      return tests.length > 0 || module.state() !== "failed" ? tests : [`${module.relativeModuleId}: see above`];
    });
    const lines = [...failed, ...errors.map(({ message }) => message)];
    if (lines.length > 0) console.error(["", "Failed:", ...lines.map((line) => `  ${line}`)].join("\n"));
  }
}
