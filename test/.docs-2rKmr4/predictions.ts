// predictions.ts
import { adam, confusionMatrix, dense, makeDigits, network, predict, rate, snu, train } from "spikevine";

const { train: data, test } = makeDigits({ train: 300, test: 100 });
const net = network({ inputs: data.pixels, encoder: rate(), steps: 10, layers: [dense(10, snu())] });
await train(net, { data, epochs: 3, optimizer: adam() });
const { labels, scores, losses, accuracy } = await predict(net, test);
const { counts, recall } = confusionMatrix(test.labels, labels);
const worst = losses.indexOf(Math.max(...losses));
console.log(`accuracy ${accuracy}; ${counts[3 * 10 + 8]} of the threes are read as eights; recall of 3: ${recall[3]}`);
console.log(`largest loss: sample ${worst}, read as ${labels[worst]}, scores ${scores.subarray(10 * worst, 10 * worst + 10)}`);
