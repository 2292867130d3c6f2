import { render } from "preact";
import { App } from "./app/app.js";
import { followLink } from "./app/link.js";
import { followTheme } from "./app/theme.js";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/figures.css";

followTheme();
followLink();
render(<App />, document.getElementById("app")!);
