import { Draw } from "../draw/draw.js";
import { Network } from "../network/network.js";
import { Neuron } from "../neuron/neuron.js";
import { Runs } from "../runs/runs.js";
import { Synapse } from "../synapse/synapse.js";
import { Train } from "../train/train.js";
import { CodeDialog } from "./code-dialog.js";
import { linkTo, view } from "./link.js";
import { Toolbar } from "./toolbar.js";

/** The views in the order of the navigation. */
const VIEWS = [
  { name: "train", title: "Train", Content: Train },
  { name: "draw", title: "Draw", Content: Draw },
  { name: "synapse", title: "Synapse", Content: Synapse },
  { name: "neuron", title: "Neuron", Content: Neuron },
  { name: "network", title: "Network", Content: Network },
  { name: "runs", title: "Runs", Content: Runs },
] as const;

/** The page: navigation, the current view, and the dialogs. */
export function App() {
  const { name: current, title, Content } = VIEWS.find(({ name }) => name === view.value) ?? VIEWS[0];
  document.title = `${title} · Spikevine studio`;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <p class="brand">
          <svg viewBox="0 0 24 16" width="30" height="20" aria-hidden="true">
            <path d="M1 11h5l3-9 4 13 3-7h7" />
          </svg>
          <span>
            Spikevine <em>studio</em>
          </span>
        </p>
        <nav aria-label="Views">
          {VIEWS.map(({ name, title: text }) => (
            <a key={name} href={linkTo(name)} aria-current={name === current ? "page" : undefined}>
              {text}
            </a>
          ))}
        </nav>
        <Toolbar />
      </header>
      <main id="main" tabIndex={-1} key={current}>
        <h1 class="unseen">{title}</h1>
        <Content />
      </main>
      <CodeDialog view={current} />
    </>
  );
}
