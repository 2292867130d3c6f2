// Pages are read in the repository and on the site. Links are written for the repository: this rule of the Markdown parser makes
// those that leave docs/ links of the site.
import { posix } from "node:path";

/** Files of the repository's root that have a page on the site. */
const PROJECT_PAGES = new Set(["BENCHMARKS.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]);

/** The address on the site of a path in the repository; undefined if the link may stay as it is. */
function siteAddress(path) {
  if (PROJECT_PAGES.has(path)) return `/project/${path.toLowerCase()}`;
  if (path === "README.md") return "/index.md";
  if (path.startsWith("docs/")) return path.slice("docs".length);
  return undefined;
}

export function repositoryLinks(md) {
  md.core.ruler.push("repository-links", ({ tokens, env }) => {
    // The pages of project/ are files of the root.
    const from = env.relativePath.startsWith("project/") ? "" : posix.join("docs", posix.dirname(env.relativePath));
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== "link_open") continue;
      const [path, anchor] = token.attrGet("href").split("#");
      if (path === "" || /^\w+:|^\//.test(path)) continue;
      const target = posix.join(from, path);
      const address = siteAddress(target);
      if (address !== undefined) token.attrSet("href", anchor === undefined ? address : `${address}#${anchor}`);
      else if (/^examples\b/.test(target)) {
        // Sources are plain files beside the pages, which the router of the site has to leave to the browser.
        token.attrSet("href", `${process.env.SITE_BASE ?? "/"}${target}`);
        token.attrSet("target", "_self");
      }
    }
  });
}
