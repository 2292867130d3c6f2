import type { DownloadProgress } from "../../data/index.js";
import { atMostEvery, progressLine } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** Progress bar for each file that is downloaded. */
export function downloadDisplay(terminal: Terminal): (progress: DownloadProgress) => void {
  let file = "";
  let began = 0;
  const show = atMostEvery(80, (progress: DownloadProgress) => {
    terminal.status(
      progressLine({
        width: terminal.width,
        label: `downloading ${progress.file}`,
        done: progress.receivedBytes,
        of: progress.totalBytes,
        seconds: (performance.now() - began) / 1000,
        figures: [`${(progress.receivedBytes / 1e6).toFixed(1)} of ${(progress.totalBytes / 1e6).toFixed(1)} MB`],
      }),
    );
  });
  return (progress) => {
    if (progress.file !== file) {
      file = progress.file;
      began = performance.now();
      if (!terminal.live) terminal.line(`downloading ${progress.file} from ${progress.url}`);
    }
    show(progress);
  };
}
