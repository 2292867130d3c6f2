// npm run build:studio: builds the library, then the page of `spikevine studio` into studio/dist/, if it is stale.
import { bootstrap, buildStudio } from "./bootstrap.mjs";

await bootstrap();
await buildStudio();
