import type { Command } from "../command-line/command.js";
import { UsageError } from "../command-line/usage-error.js";
import { bashCompletion } from "../completion/bash.js";
import { type CompletedCommand, completedCommands } from "../completion/completed-command.js";
import { fishCompletion } from "../completion/fish.js";
import { zshCompletion } from "../completion/zsh.js";

const SHELLS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `spikevine completion`: prints the script with which a shell completes the given commands and their flags. */
export function completionCommand(commands: readonly Command[]): Command {
  const command: Command = {
    name: "completion",
    summary: "prints the completions of commands, flags and their values for a shell",
    argument: {
      name: "SHELL",
      description: 'bash, zsh or fish; e.g. eval "$(spikevine completion bash)" in ~/.bashrc',
      required: true,
      choices: Object.keys(SHELLS),
    },
    fields: [],
    run({ argument = "", terminal }) {
      const script = Object.hasOwn(SHELLS, argument) ? SHELLS[argument] : undefined;
      if (script === undefined) throw new UsageError(`completion: SHELL is "${argument}"; give bash, zsh or fish.`);
      terminal.line(script(completedCommands([...commands, command])).trimEnd());
      return Promise.resolve(0);
    },
  };
  return command;
}
