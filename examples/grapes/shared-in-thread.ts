import { type OpenedDevice, openDevice } from "spikevine";
import type { Splits } from "spikevine/data";
import { loadSource, type Source } from "../settings.js";

export type Device = OpenedDevice["device"];

let kept: { key: string; data: Promise<Splits> } | undefined;

/** Keeps the data of the last source in memory for the thread's next point. */
export function loadedOnce({ data, dataDir, train, test }: Source): Promise<Splits> {
  const source = { data, dataDir, train, test };
  const key = JSON.stringify(source);
  if (kept?.key !== key) kept = { key, data: loadSource(source) };
  return kept.data;
}

const devices = new Map<string, Promise<Device>>();

/** A device for the points of this thread; points share the cores, so each has one. */
export function openedOnce(name: string): Promise<Device> {
  const device = devices.get(name) ?? openDevice(name, { threads: 1 }).then(({ device }) => device);
  devices.set(name, device);
  return device;
}
