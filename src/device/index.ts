export type * from "./contract.js";
export { type DeviceOptions, deviceNames, listDevices, type OpenedDevice, openDevice } from "./open.js";
