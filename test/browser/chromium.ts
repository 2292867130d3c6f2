import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PATH = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why there is no Chromium here, or undefined if there is one. */
export const chromiumMissing: string | undefined = existsSync(PATH)
  ? undefined
  : `no Chromium at ${PATH}; install it or set CHROMIUM to its path`;

/** Starts Chromium without a screen, with a new profile, and with WebGL 2 and WebGPU in software. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
      "--enable-features=Vulkan",
    ],
  });
}
