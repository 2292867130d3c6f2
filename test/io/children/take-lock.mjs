// Takes the lock of the given folder, reports whether it has it, and releases it on request.
import { lockRun } from "#spikevine/src/io/run-folder/run-lock";

let release;
process.on("message", async (path) => {
  if (path === null) {
    await release?.();
    release = undefined;
    process.send("free");
    return;
  }
  // Both processes come out of this loop at the same instant.
  const start = Math.ceil(Date.now() / 4) * 4;
  while (Date.now() < start);
  try {
    release = await lockRun(path);
    process.send("taken");
  } catch (error) {
    process.send(error.message);
  }
});
