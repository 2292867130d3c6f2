export { fitPlateau, type Plateau } from "./plateau.js";
