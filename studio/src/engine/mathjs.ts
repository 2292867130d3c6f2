import {
  create,
  derivativeDependencies,
  expmDependencies,
  matrixDependencies,
  parseDependencies,
  unitDependencies,
} from "mathjs";
/** The part of mathjs that the library uses, in place of its whole bundle. The build takes it instead. */
export default create({
  ...parseDependencies,
  ...unitDependencies,
  ...derivativeDependencies,
  ...matrixDependencies,
  ...expmDependencies,
});
