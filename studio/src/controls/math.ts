/** Typesets equations in text form, such as `tau * dv/dt = rest - v + R * I`, as MathML. */

const GREEK: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  Delta: "Δ",
  epsilon: "ε",
  eta: "η",
  theta: "θ",
  kappa: "κ",
  lambda: "λ",
  mu: "μ",
  nu: "ν",
  xi: "ξ",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  Sigma: "Σ",
  tau: "τ",
  phi: "φ",
  psi: "ψ",
  omega: "ω",
};
const SIGNS: Readonly<Record<string, string>> = { plus: "+", minus: "−", inf: "∞" };
const OPERATORS: Readonly<Record<string, string>> = { "-": "−", "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "*": "·" };
const TOKEN = /\s*(d[A-Za-z]\w*\/dt|[A-Za-z]\w*|\d+(?:\.\d*)?(?:e[+-]?\d+)?|->|<=|>=|!=|[-+*/^()=<>,;|])/gy;

type Token = string;

/** Longer texts are not typeset. */
const LONGEST = 500;

/** MathML of an equation; undefined if the text is not of this form. */
export function mathOf(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null || found.index !== at) return undefined;
    tokens.push(found[1]!);
  }
  const writer = new Writer(tokens);
  const body = writer.list();
  return writer.isDone ? `<math display="inline">${body}</math>` : undefined;
}

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const OPEN = '<mo stretchy="false">(</mo>';
const CLOSE = '<mo stretchy="false">)</mo>';
const row = (parts: string): string => `<mrow>${parts}</mrow>`;
const operator = (sign: string): string => `<mo>${escaped(OPERATORS[sign] ?? sign)}</mo>`;

/** A name: Greek letters by their names, `x_y` with a subscript, `mPlus` and `tauRho` likewise. */
function name(text: string): string {
  const derivative = /^d(\w+)\/dt$/.exec(text);
  if (derivative !== null)
    return `<mfrac>${row(`<mi>d</mi>${name(derivative[1]!)}`)}${row("<mi>d</mi><mi>t</mi>")}</mfrac>`;
  const [, stem, below] = /^([A-Za-z]+?)(?:_|(?=[A-Z]|\d))(\w+)$/.exec(text) ?? [];
  if (
    stem === undefined ||
    below === undefined ||
    (stem.length > 1 && GREEK[stem] === undefined && !text.includes("_"))
  ) {
    return `<mi>${GREEK[text] ?? text}</mi>`;
  }
  const lower = below[0]!.toLowerCase() + below.slice(1);
  const mark =
    SIGNS[lower] === undefined ? `<mi>${GREEK[lower] ?? lower}</mi>` : `<mo form="prefix">${SIGNS[lower]}</mo>`;
  // Browsers without a font for mathematics do not lower a subscript by themselves.
  return `<msub><mi>${GREEK[stem] ?? stem}</mi><mpadded voffset="-0.16em">${mark}</mpadded></msub>`;
}

class Writer {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get isDone(): boolean {
    return this.#at === this.tokens.length;
  }

  /** @param gap Space after a comma. */
  list(gap = "0.9em"): string {
    let text = this.#sum();
    for (;;) {
      const sign = this.#take("=", "<", ">", "<=", ">=", "!=", "->", ",", ";");
      if (sign === undefined) return text;
      text +=
        (sign === "," || sign === ";" ? `${operator(sign)}<mspace width="${gap}"/>` : operator(sign)) + this.#sum();
    }
  }

  #sum(): string {
    let text = "";
    const lead = this.#take("-", "+");
    if (lead !== undefined) text += operator(lead);
    text += this.#product();
    for (;;) {
      const sign = this.#take("+", "-");
      if (sign === undefined) return text;
      text += operator(sign) + this.#product();
    }
  }

  #product(): string {
    let text = this.#power();
    for (;;) {
      const sign = this.#take("*", "/");
      if (sign === undefined) return text;
      text =
        sign === "/"
          ? `<mfrac>${row(bare(text))}${row(bare(this.#power()))}</mfrac>`
          : text + operator("*") + this.#power();
    }
  }

  #power(): string {
    const base = this.#atom();
    if (this.#take("^") === undefined) return base;
    return `<msup>${row(base)}${row(bare(this.#atom()))}</msup>`;
  }

  #atom(): string {
    if (this.#take("(") !== undefined) {
      const inner = this.list("0.2em");
      this.#need(")");
      return `<mrow data-p="1">${OPEN}${inner}${CLOSE}</mrow>`;
    }
    if (this.#take("|") !== undefined) {
      const inner = this.#sum();
      this.#need("|");
      return row(`<mo>|</mo>${inner}<mo>|</mo>`);
    }
    if (this.#take("-") !== undefined) return operator("-") + this.#atom();
    const token = this.tokens[this.#at++];
    if (token === undefined || /^[-+*/^)=<>,;]/.test(token)) {
      this.#fail();
      return "";
    }
    if (/^\d/.test(token)) return `<mn>${token}</mn>`;
    return this.tokens[this.#at] === "(" ? row(name(token) + this.#atom()) : name(token);
  }

  #need(sign: string): void {
    if (this.#take(sign) === undefined) this.#fail();
  }

  /** Goes beyond the end, where nothing is taken and the text is not done. */
  #fail(): void {
    this.#at = this.tokens.length + 1;
  }

  #take(...signs: string[]): string | undefined {
    const token = this.tokens[this.#at];
    if (token === undefined || !signs.includes(token)) return undefined;
    this.#at++;
    return token;
  }
}

/** Without parentheses, which a fraction makes superfluous. */
function bare(text: string): string {
  const start = `<mrow data-p="1">${OPEN}`;
  const end = `${CLOSE}</mrow>`;
  const inner = text.startsWith(start) && text.endsWith(end) ? text.slice(start.length, -end.length) : undefined;
  return inner === undefined || inner.includes('data-p="1"') ? text : inner;
}
