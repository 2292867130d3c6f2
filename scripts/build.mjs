// npm run build: installs what is missing and builds what is stale into dist/.
import { bootstrap } from "./bootstrap.mjs";

await bootstrap();
