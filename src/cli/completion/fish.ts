import type { CompletedCommand } from "./completed-command.js";

/** Completions for fish, with the descriptions of the help. Values without choices are completed as paths. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, flags, values }) => {
    const within = `complete -c spikevine -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c spikevine -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
      ...(values.length > 0 ? [`${within} -f -a ${quoted(values.join(" "))}`] : []),
      ...flags.map(({ name: flag, description: text, takesValue, values: choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : takesValue ? " -r -F" : "";
        return `${within} -l ${flag}${value} -d ${quoted(text)}`;
      }),
    ];
  });
  return ["# Completions of spikevine for fish.", ...lines, ""].join("\n");
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
