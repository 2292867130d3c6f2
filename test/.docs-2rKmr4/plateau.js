// plateau.ts
import { fitPlateau } from "spikevine";
const accuracies = [0.601, 0.718, 0.773, 0.799, 0.82, 0.831];
const { slowness, slownessError, plateau, plateauError } = fitPlateau(accuracies);
console.log(`slowness ${slowness.toFixed(3)} ± ${slownessError.toFixed(3)} epochs`);
console.log(`plateau ${plateau.toFixed(4)} ± ${plateauError.toFixed(4)}`);
