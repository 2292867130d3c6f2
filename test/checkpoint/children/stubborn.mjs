// Work that does not heed the wish to stop, as one that hangs on a disk.
import { watchInterrupt } from "#spikevine/src/cli/terminal/interrupt";

watchInterrupt({ lost: new AbortController().signal }, () => console.log("asked to stop"));
setInterval(() => {}, 1000);
console.log("working");
