// Work that ignores the request to stop, like work that hangs on a disk.
import { watchInterrupt } from "#spikevine/src/cli/terminal/interrupt";

watchInterrupt({ lost: new AbortController().signal }, () => console.log("asked to stop"));
setInterval(() => {}, 1000);
console.log("working");
