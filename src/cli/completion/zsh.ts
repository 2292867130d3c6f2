import type { CompletedCommand } from "./completed-command.js";

/** Completions for zsh, with the descriptions of the help. Values without choices are completed as paths. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap(({ name, flags, values }) => [
    `    ${name})`,
    "      _arguments \\",
    ...flags.map(({ name: flag, description, takesValue, values: choices }) => {
      const value = takesValue ? `:value:${action(choices)}` : "";
      return `        ${quoted(`--${flag}[${escaped(description)}]${value}`)} \\`;
    }),
    `        ${quoted(`1:argument:${action(values)}`)} ;;`,
  ]);
  return [
    "#compdef spikevine",
    "# Completions of spikevine for zsh.",
    "_spikevine() {",
    "  if (( CURRENT == 2 )); then",
    "    local -a commands=(",
    ...commands.map(({ name, description }) => `      ${quoted(`${name}:${description}`)}`),
    "    )",
    "    _describe command commands",
    "    return",
    "  fi",
    "  local command=$words[2]",
    "  words=(${words[2,-1]})",
    "  (( CURRENT-- ))",
    "  case $command in",
    ...cases,
    "  esac",
    "}",
    "compdef _spikevine spikevine",
    "",
  ].join("\n");
}

const action = (choices: readonly string[]): string =>
  choices.length === 0 ? "_files" : `(${choices.map((choice) => choice.replaceAll(":", "\\:")).join(" ")})`;

/** Text within the brackets of a specification. */
const escaped = (text: string): string => text.replace(/[[\]\\:]/g, "\\$&");

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
