// npm run build: installs missing packages and rebuilds dist/ if it is stale.
import { bootstrap } from "./bootstrap.mjs";

await bootstrap();
