export type * from "./contract.js";
export { bitsOf, type DeviceOptions, deviceNames, listDevices, type OpenedDevice, openDevice } from "./open.js";
