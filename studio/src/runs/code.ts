import { settings } from "./state.js";

/** The script that reads the chosen runs. */
export function runsCode(): string {
  const names = settings.value.chosen.split("|").filter((name) => name !== "");
  return `import { readMetrics, runFolder } from "spikevine/io";

for (const name of ${JSON.stringify(names)}) {
  const { records } = await readMetrics(runFolder(\`runs/\${name}\`).metrics);
  for (const record of records) console.log(name, record);
}
`;
}
