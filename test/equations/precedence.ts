/**
 * A reader and evaluator of equations that shares nothing with the package: its own tokens, and operators that bind as in
 * Python, whose grammar this is but for `^` in place of `**` and `c ? a : b` in place of `a if c else b`. Conditions are
 * 1 and 0. Throws a SyntaxError for what Python does not have, for a chain of comparisons, and for a condition right behind
 * a `?`.
 */
export function evaluateText(text: string, values: Readonly<Record<string, number>>): number {
  const tokens = text.match(/\d+(?:\.\d+)?|[a-z]+|[<>=!]=|[-+*/^<>?:(),]/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  const taken = (token: string): boolean => tokens[at] === token && ++at > 0;
  const expect = (token: string): void => {
    if (next() !== token) throw new SyntaxError(`expected ${token} in ${text}`);
  };
  const truth = (condition: boolean): number => (condition ? 1 : 0);

  /** Left-associative operators of one strength. */
  const level =
    (operand: () => number, operators: Readonly<Record<string, (a: number, b: number) => number>>) => () => {
      let value = operand();
      while (Object.hasOwn(operators, tokens[at] ?? "")) {
        const operator = operators[next()]!;
        value = operator(value, operand());
      }
      return value;
    };

  const atom = (): number => {
    const token = next();
    if (token === "(") {
      const value = conditional();
      expect(")");
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (Object.hasOwn(CALLS, token)) {
      expect("(");
      const operands = [conditional()];
      while (taken(",")) operands.push(conditional());
      expect(")");
      return CALLS[token]!(...operands);
    }
    if (!Object.hasOwn(values, token)) throw new SyntaxError(`no value "${token}" in ${text}`);
    return values[token]!;
  };
  const power = (): number => {
    const base = atom();
    return taken("^") ? base ** signed() : base;
  };
  const signed = (): number => (taken("-") ? -signed() : taken("+") ? signed() : power());
  const product = level(signed, { "*": (a, b) => a * b, "/": (a, b) => a / b });
  const sum = level(product, { "+": (a, b) => a + b, "-": (a, b) => a - b });
  const comparison = (): number => {
    const left = sum();
    const operator = COMPARISONS[tokens[at] ?? ""];
    if (operator === undefined) return left;
    at++;
    const right = sum();
    if (COMPARISONS[tokens[at] ?? ""] !== undefined) throw new SyntaxError(`a chain in ${text}`);
    return truth(operator(left, right));
  };
  const inverted = (): number => (taken("not") ? truth(inverted() === 0) : comparison());
  const both = level(inverted, { and: (a, b) => truth(a !== 0 && b !== 0) });
  const either = level(both, { or: (a, b) => truth(a !== 0 || b !== 0) });
  const conditional = (): number => {
    const condition = either();
    if (!taken("?")) return condition;
    const whenTrue = either();
    expect(":");
    const whenFalse = conditional();
    return condition !== 0 ? whenTrue : whenFalse;
  };

  const value = conditional();
  if (at < tokens.length) throw new SyntaxError(`"${tokens[at]}" is left of ${text}`);
  return value;
}

const COMPARISONS: Readonly<Record<string, ((a: number, b: number) => boolean) | undefined>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

const CALLS: Readonly<Record<string, (...operands: readonly number[]) => number>> = {
  exp: (x) => Math.exp(x!),
  abs: (x) => Math.abs(x!),
  sign: (x) => Math.sign(x!),
  relu: (x) => Math.max(x!, 0),
  step: (x) => (x! > 0 ? 1 : 0),
  sqrt: (x) => Math.sqrt(x!),
  min: (x, y) => Math.min(x!, y!),
  max: (x, y) => Math.max(x!, y!),
  clip: (x, low, high) => Math.min(Math.max(x!, low!), high!),
};
