// TypeDoc documents the names that the package exports. A user also reads the fields of their options, whose types are named in
// the sources but not exported: these are documented beside the functions that take them. typedoc-plugin-missing-exports adds
// every type that an exported name reaches, down to the engine's; this plugin removes all but the types that a user writes, and
// names the modules as the package does.
import { Converter } from "typedoc";
import { entries } from "./package-entries.mjs";

const WRITTEN_BY_USERS = /(?:Options|Spec|Changes)$/;
const ALSO = new Set(
  "Bounds Connected DataShape DescribedLayer Functions ImageShape LinkedVariable Monitors OneLoss OptimizerDynamics OptimizerState Pixels TargetForm Targets VegaTrace".split(
    " ",
  ),
);
const ENGINE = /Kernel|^(?:Stability|Zod|Tensor|Signal|Trace)|^(?:Options|Changes|Spec)$/;

const isKept = ({ name }) => ALSO.has(name) || (WRITTEN_BY_USERS.test(name) && !ENGINE.test(name));

/** The priority at which typedoc-plugin-missing-exports adds its types. */
const ADDED = 1e9;

export function load(app) {
  const exported = new Set();
  app.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    ({ project }) => {
      for (const module of project.children) for (const child of module.children ?? []) exported.add(child);
    },
    ADDED + 1,
  );
  app.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    ({ project }) => {
      for (const module of project.children) {
        for (const child of [...(module.children ?? [])]) {
          if (!exported.has(child) && !isKept(child)) project.removeReflection(child);
        }
        module.name = entries.find(({ source }) => source === `${module.name}/index.ts`).name;
      }
    },
    ADDED - 1,
  );
}
