import type { CompletedCommand } from "./completed-command.js";

/** Completions for bash 4 and newer. Values without choices are completed as paths. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const words = (names: readonly string[]): string => `'${names.join(" ")}'`;
  const cases = commands.flatMap(({ name, flags, values }) => [
    `    ${name})`,
    `      flags=${words(flags.map((flag) => `--${flag.name}`))}`,
    ...(values.length > 0 ? [`      arguments=${words(values)}`] : []),
    '      case "$previous" in',
    ...flags
      .filter((flag) => flag.values.length > 0)
      .map((flag) => `        --${flag.name}) choices=${words(flag.values)} ;;`),
    ...paths(flags.filter((flag) => flag.takesValue && flag.values.length === 0)),
    "      esac ;;",
  ]);
  return [
    "# Completions of spikevine for bash.",
    "_spikevine() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
    "  local flags= arguments= choices= path=",
    "  # bash splits words at colons and equals signs, as in simd:wide.",
    "  if declare -F _get_comp_words_by_ref >/dev/null; then _get_comp_words_by_ref -n : -c word -p previous; fi",
    "  COMPREPLY=()",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${words([...commands.map(({ name }) => name), "--help", "--version"])} -- "$word"))`,
    "    return",
    "  fi",
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac",
    '  if [ -n "$choices" ]; then COMPREPLY=($(compgen -W "$choices" -- "$word"))',
    '  elif [ -n "$path" ]; then COMPREPLY=($(compgen -f -- "$word"))',
    '  elif [ "${word:0:1}" = - ]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))',
    '  elif [ -n "$arguments" ]; then COMPREPLY=($(compgen -W "$arguments" -- "$word"))',
    '  else COMPREPLY=($(compgen -f -- "$word"))',
    "  fi",
    '  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi',
    "}",
    "complete -o filenames -F _spikevine spikevine",
    "",
  ].join("\n");
}

const paths = (flags: CompletedCommand["flags"]): string[] =>
  flags.length === 0 ? [] : [`        ${flags.map(({ name }) => `--${name}`).join("|")}) path=1 ;;`];
