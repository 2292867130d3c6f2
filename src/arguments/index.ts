export { fields, form, mapOf, named, record, type Schema, tagged, variants } from "./fields.js";
export {
  bytes,
  callback,
  choice,
  either,
  filePath,
  flag,
  isTyped,
  type Kind,
  kind,
  list,
  made,
  number,
  numbers,
  type OptionalKind,
  optional,
  quantity,
  type RequiredKind,
  signal,
  text,
  tuple,
  typedArray,
  whole,
  wrong,
} from "./kind.js";
export { show, tagOf } from "./show.js";
export { type Check, signature } from "./signature.js";
