// The API reference: one page per entry of the package, written by TypeDoc from the sources.
import { entries } from "./package-entries.mjs";

/** The root is last, since a name that two entries export is described by the first and linked by the other. */
const entryPoints = entries.map(({ source }) => `../${source}`).reverse();

export default {
  entryPoints,
  name: "API reference",
  tsconfig: "../tsconfig.json",
  basePath: "..",
  plugin: ["typedoc-plugin-markdown", "typedoc-plugin-missing-exports", "./typedoc-package-names.mjs"],
  router: "module",
  out: "reference",
  readme: "none",
  entryFileName: "index",
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  useHTMLAnchors: true,
  expandObjects: false,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  enumMembersFormat: "table",
  sort: ["source-order"],
  githubPages: false,
  treatValidationWarningsAsErrors: true,
  placeInternalsInOwningModule: true,
  validation: {
    notExported: true,
    invalidLink: true,
  },
  pageTitleTemplates: {
    module: "{name}",
    index: "API reference",
  },
  hideGroupHeadings: false,
};
