import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { gpujsDevice, listGpujsModes } from "#spikevine/src/device/gpujs/index";
import { add, symbol } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";
import { rulePlan } from "../conformance/rule-plan.js";
import { countingLibrary } from "./counting-library.js";

const refusal = (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => "opened",
    (error: unknown) => {
      expect(error).toBeInstanceOf(SpikevineError);
      return (error as Error).message;
    },
  );

test("an available mode reports its executor", async () => {
  for (const [mode, executor] of [
    ["cpu", "gpu.js, plain JavaScript, one thread"],
    ["webasm", "gpu.js, WebAssembly, one thread"],
  ] as const) {
    const device = await gpujsDevice({ mode });
    expect(device.report).toEqual({ name: `gpujs:${mode}`, executor });
    await device.dispose();
  }
});

test("an unavailable mode is an error with the reason and the fix", async () => {
  expect(await refusal(gpujsDevice({ mode: "webgl2" }))).toBe(
    "device gpujs:webgl2: not available: WebGL 2 is available in browsers only; use gpujs:headlessgl or gpujs:webasm in Node.",
  );
  expect(await refusal(gpujsDevice({ mode: "webgpu" }))).toMatch(/^device gpujs:webgpu: not available: Node has no/);
});

test("an unknown mode is an error that names the nearest one", async () => {
  expect(await refusal(gpujsDevice({ mode: "webasn" as "webasm" }))).toMatch(
    /^unknown gpu\.js mode "webasn".*"webasm"/,
  );
});

test("kernels that run elsewhere than they should are an error", async () => {
  const { library } = countingLibrary("cpu");
  expect(await refusal(gpujsDevice({ mode: "webgl2", gpujs: library }))).toBe(
    'device gpujs:webgl2: not available: gpu.js ran a kernel as "cpu" instead.',
  );
});

test("kernels that compute something else are an error", async () => {
  const { library } = countingLibrary("gpu", () => [[new Float32Array(8).fill(Number.NaN)]]);
  expect(await refusal(gpujsDevice({ mode: "webgl2", gpujs: library }))).toMatch(/a kernel gave NaN instead of/);
});

test("a kernel that reads added arrays than WebGPU binds is an error with a message", async () => {
  const states = Array.from({ length: 7 }, (_, index) => `s${index}`);
  const sum = [...states, "gradient"].map(symbol).reduce(add, symbol("weight"));
  const formulas = { weight: sum, ...Object.fromEntries(states.map((state) => [state, symbol(state)])) };
  const rule = { name: "wide", states, uniforms: [], usesFactor: false, formulas };
  const device = await gpujsDevice({ mode: "webgpu", gpujs: countingLibrary("webgpu").library });
  const program = await device.compile(rulePlan(rule, { rows: 2, columns: 2 }));
  expect(await refusal(program.run("update", { samples: 1 }))).toBe(
    'device gpujs:webgpu: "wide w" reads 9 arrays, and a kernel there may read 7; ' +
      "use a neuron or a rule with fewer states, or gpujs:webasm.",
  );
  await device.dispose();
});

test("without gpu.js the error says how to install it", () => {
  // A process in which the package cannot be found.
  const hooks = `export const resolve = (name, context, next) => {
    if (name === "gpu.js") throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  };`;
  const program = `
    import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));
    const { gpujsDevice } = await import("#spikevine/src/device/gpujs/index");
    await gpujsDevice({ mode: "webasm" }).catch((error) => console.log(error.message));`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(printed.trim()).toBe('device gpujs:webasm: gpu.js is not installed; run "npm install gpu.js"');
});

test("every mode is listed, with its executor or the reason", async () => {
  const modes = await listGpujsModes();
  expect(modes.map(({ mode }) => mode)).toEqual(["webgpu", "webgl2", "headlessgl", "webasm", "cpu"]);
  for (const { available, executor, reason } of modes) {
    expect(available ? executor : reason).toMatch(/\w/);
    expect(available ? reason : executor).toBeUndefined();
  }
  expect(modes.slice(-2).every(({ available }) => available)).toBe(true);
});
