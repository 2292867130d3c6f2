import { defineConfig } from "vitepress";
import { entries } from "../package-entries.mjs";
import { liveExamples } from "./live-examples.mjs";
import { repositoryLinks } from "./repository-links.mjs";

/** Anchors of headings are those of the repository's pages, so that a link works in both. */
const githubAnchor = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

const page = (text, link) => ({ text, link });

const reference = entries.map(({ name }) =>
  page(name === "spikevine" ? name : `spikevine/${name}`, `/reference/${name}`),
);

const sidebar = [
  { text: "Start", items: [page("Overview", "/"), page("Gallery", "/gallery/")] },
  {
    text: "Tutorials",
    items: [
      page("The course", "/tutorials/"),
      page("One neuron", "/tutorials/one-neuron"),
      page("Populations and synapses", "/tutorials/populations-and-synapses"),
      page("Plasticity in continuous time", "/tutorials/plasticity"),
      page("Training a first network", "/tutorials/training"),
      page("GRAPES and its controls", "/tutorials/grapes"),
      page("Bio-Adam as an ODE", "/tutorials/bio-adam"),
      page("Convolution and events", "/tutorials/events"),
      page("From a methods section to a script", "/tutorials/methods-section"),
    ],
  },
  {
    text: "How to",
    items: [
      page("Write equations", "/equations"),
      page("Define a neuron, an encoder or a rule", "/own-definitions"),
      page("Simulate networks", "/simulation"),
      page("Study a synapse", "/synapses"),
      page("Build networks", "/networks"),
      page("Set a training", "/training"),
      page("Choose a loss", "/losses"),
      page("Import weights", "/importing"),
      page("Read and write NIR files", "/nir"),
      page("Use your own data", "/data"),
      page("Use data in time", "/data-in-time"),
      page("Augment images", "/augmentation"),
      page("Sweep over settings", "/sweeps"),
      page("Use the studio", "/studio"),
      page("Run in a page", "/browser"),
      page("Read gradients", "/gradients"),
      page("Model hardware", "/hardware"),
    ],
  },
  {
    text: "Coming from",
    items: [
      page("snnTorch", "/coming-from-snntorch"),
      page("SpikingJelly", "/coming-from-spikingjelly"),
      page("Norse", "/coming-from-norse"),
      page("Brian2", "/brian2"),
      page("NEST", "/coming-from-nest"),
    ],
  },
  {
    text: "Explanations",
    items: [
      page("GRAPES and credit assignment", "/grapes"),
      page("Defaults", "/defaults"),
      page("Reproductions", "/reproductions"),
      page("Robustness", "/robustness"),
      page("The device simd", "/simd"),
      page("The devices of gpu.js", "/gpujs"),
      page("Architecture", "/architecture"),
    ],
  },
  {
    text: "Reference",
    items: [
      page("Neurons and surrogates", "/neurons"),
      page("Encoders", "/encoders"),
      page("Plasticity", "/plasticity"),
      { text: "API", collapsed: true, link: "/reference/", items: reference },
    ],
  },
  {
    text: "Project",
    items: [
      page("Benchmarks", "/project/benchmarks"),
      page("Changes", "/project/changelog"),
      page("Contributing", "/project/contributing"),
      page("Security", "/project/security"),
    ],
  },
];

export default defineConfig({
  title: "Spikevine",
  description: "Spiking neural networks written as equations with units, simulated and trained.",
  base: process.env.SITE_BASE ?? "/",
  outDir: "../site",
  cleanUrls: false,
  lastUpdated: false,
  markdown: { anchor: { slugify: githubAnchor }, config: (md) => md.use(repositoryLinks).use(liveExamples) },
  themeConfig: {
    nav: [
      page("Tutorials", "/tutorials/"),
      page("How to", "/simulation"),
      page("API", "/reference/"),
      page("Gallery", "/gallery/"),
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: "local" },
  },
});
