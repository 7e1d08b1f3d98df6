/**
 * Trains and scores an autoencoder: WORK FILE, WORK being epoch (the mean of
 * three after a first) or score.
 *
 * @module
 */

import { Autoencoder } from "../../../lib/detect/autoencoder.ts";
import { readRows } from "./rows.ts";
import { printSample } from "./sample.ts";

const EPOCHS = 4;
const [work, file] = Deno.args;
const { x, warmUp } = readRows(file);
(await Autoencoder.fit(warmUp, { epochs: 2 })).score(warmUp);
const ends: number[] = [];
const model = await Autoencoder.fit(x, {
  epochs: EPOCHS,
  onProgress: ({ batch, batches }) => {
    if (batch === batches) ends.push(performance.now());
  },
});
const start = performance.now();
model.score(x);
const seconds = work === "epoch"
  ? (ends[EPOCHS - 1] - ends[0]) / (EPOCHS - 1) / 1000
  : (performance.now() - start) / 1000;
printSample(seconds);
