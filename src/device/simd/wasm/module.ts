import { type Code, sized, TYPE, text, unsigned, type ValueType, vector } from "./encoding.js";
import { branchIf, f32x4, get, i32, loop, sequence, set, when, whenElse } from "./instructions.js";

/** Builds the body of one function: declares locals and collects code. */
export class FunctionBuilder {
  readonly #parameters: number;
  readonly #fused: boolean;
  readonly #locals: ValueType[] = [];
  readonly #code: number[] = [];

  constructor(parameters: number, fused: boolean) {
    this.#parameters = parameters;
    this.#fused = fused;
  }

  /** A new local; its value is zero when the function is entered. */
  local(type: ValueType): number {
    this.#locals.push(type);
    return this.#parameters + this.#locals.length - 1;
  }

  i32(): number {
    return this.local(TYPE.i32);
  }

  v128(): number {
    return this.local(TYPE.v128);
  }

  /** A new local, set to the value of the code at this point. */
  let(type: ValueType, value: Code): number {
    const index = this.local(type);
    this.emit(set(index, value));
    return index;
  }

  /** `a * b + c` of four single-precision lanes: two instructions, or in a module with fused arithmetic one. */
  multiplyAdd(a: Code, b: Code, c: Code): Code {
    return this.#fused ? f32x4.relaxedMadd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
  }

  emit(...parts: readonly Code[]): void {
    for (const part of parts) for (const byte of part) this.#code.push(byte);
  }

  /** The code that `write` emits, removed instead of appended, to be placed inside a block or a loop. */
  capture(write: () => void): Code {
    const start = this.#code.length;
    write();
    return this.#code.splice(start);
  }

  /** `for (index = from; index < to; index += step)` over unsigned numbers; the body may not change `to`. */
  range(from: Code, to: Code, step: number, body: (index: number) => void): void {
    const index = this.i32();
    const end = this.i32();
    const inner = this.capture(() => body(index));
    this.emit(set(index, from), set(end, to));
    this.emit(
      when(
        i32.ltU(get(index), get(end)),
        loop(inner, set(index, i32.add(get(index), i32.const(step))), branchIf(0, i32.ltU(get(index), get(end)))),
      ),
    );
  }

  /** `while (condition) body`. */
  while(condition: Code, body: () => void): void {
    const inner = this.capture(body);
    this.emit(when(condition, loop(inner, branchIf(0, condition))));
  }

  /**
   * Runs `body(k)` for each position of the address in local `pointer`, advancing by `bytes`, until it reaches `end`
   * (which it must reach exactly). An iteration of the loop covers several positions; position k of an iteration is at
   * `pointer` + `k * bytes`. `endIteration` runs at the end of a full iteration. An early exit follows each position.
   * It is also a scheduling barrier: engines would otherwise move additions after all loads of an iteration, for which
   * there are not enough registers.
   */
  stride(
    { pointer, end, bytes, unroll }: { pointer: number; end: number; bytes: number; unroll: number },
    body: (k: number) => void,
    endIteration: () => void = () => {},
  ): void {
    const inner = this.capture(() => {
      for (let k = 0; k < unroll; k++) {
        body(k);
        if (k < unroll - 1) this.emit(branchIf(1, i32.eq(i32.add(get(pointer), i32.const((k + 1) * bytes)), get(end))));
      }
      endIteration();
      this.emit(set(pointer, i32.add(get(pointer), i32.const(unroll * bytes))));
    });
    const more = i32.ltU(get(pointer), get(end));
    this.emit(when(more, loop(inner, branchIf(0, more))));
  }

  if(condition: Code, body: () => void): void {
    this.emit(when(condition, this.capture(body)));
  }

  ifElse(condition: Code, yes: () => void, no: () => void): void {
    this.emit(whenElse(condition, this.capture(yes), this.capture(no)));
  }

  body(): Code {
    const locals = this.#locals.map((type) => [1, type]);
    return sized(sequence(vector(locals), this.#code, [0x0b]));
  }
}

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Assembles functions into a module that imports one memory and, if needed, functions of the host. */
export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #imports: { name: string; type: number }[] = [];
  readonly #functions: { type: number; body: Code; name: string | undefined }[] = [];
  readonly #shared = new Map<string, number>();
  readonly #fused: boolean;

  /** @param fused true to compute `multiplyAdd` in one instruction, whose rounding depends on the processor */
  constructor({ fused = false }: { fused?: boolean } = {}) {
    this.#fused = fused;
  }

  #type({ parameters, results }: Signature): number {
    const encoded = [0x60, ...vector(parameters.map((p) => [p])), ...vector(results.map((r) => [r]))].join(",");
    const found = this.#types.indexOf(encoded);
    return found >= 0 ? found : this.#types.push(encoded) - 1;
  }

  /** Index of a function of the host, module "host". All imports precede the first function. */
  import(name: string, signature: Signature): number {
    const found = this.#imports.findIndex((i) => i.name === name);
    if (found >= 0) return found;
    if (this.#functions.length > 0) throw new Error(`import "${name}" after the first function`);
    return this.#imports.push({ name, type: this.#type(signature) }) - 1;
  }

  /** Adds a function and returns its index; a named function is exported. */
  function(signature: Signature, write: (f: FunctionBuilder, ...parameters: number[]) => void, name?: string): number {
    const f = new FunctionBuilder(signature.parameters.length, this.#fused);
    write(f, ...signature.parameters.keys());
    this.#functions.push({ type: this.#type(signature), body: f.body(), name });
    return this.#imports.length + this.#functions.length - 1;
  }

  /** A helper that several kernels call: `make` runs once per key. */
  once(key: string, make: () => number): number {
    const found = this.#shared.get(key);
    if (found !== undefined) return found;
    const index = make();
    this.#shared.set(key, index);
    return index;
  }

  /**
   * The binary. `pages` is the size of the memory in units of 64 KiB, `shared` whether threads share it. A `mark`
   * changes only the bytes: V8 reuses the machine code of a module with the same bytes, even if its flags have
   * changed.
   */
  encode(pages: number, shared: boolean, mark?: string): Uint8Array<ArrayBuffer> {
    const section = (id: number, body: Code): Code => [id, ...sized(body)];
    const types = this.#types.map((t) => t.split(",").map(Number));
    const memoryImport = [
      ...text("host"),
      ...text("memory"),
      0x02,
      ...(shared ? [0x03] : [0x01]),
      ...unsigned(pages),
      ...unsigned(pages),
    ];
    const imports = this.#imports.map(({ name, type }) => [...text("host"), ...text(name), 0x00, ...unsigned(type)]);
    const exported = this.#functions.flatMap(({ name }, index) =>
      name === undefined ? [] : [[...text(name), 0x00, ...unsigned(this.#imports.length + index)]],
    );
    return Uint8Array.from(
      sequence(
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, vector(types)),
        section(2, vector([memoryImport, ...imports])),
        section(3, vector(this.#functions.map((f) => unsigned(f.type)))),
        section(7, vector(exported)),
        section(10, vector(this.#functions.map((f) => f.body))),
        mark === undefined ? [] : section(0, text(mark)),
      ),
    );
  }
}
