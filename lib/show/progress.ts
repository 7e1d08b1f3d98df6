/**
 * One line that says how far the training of a network has come. In a Deno
 * notebook it is an output that changes in place, elsewhere (tests, a type
 * check) nothing at all.
 *
 * While the work runs the line may speak of seconds; what it ends on may not,
 * because the outputs of notebooks are kept without timestamps.
 *
 * @module
 */

import type { TrainingHistory, TrainingProgress } from "../numeric/training.ts";
import { cleanText, formatCount, formatNumber } from "./text.ts";

/** Options for {@linkcode trainingProgress}. */
export type ProgressOptions = {
  /** Where the whole line is written, each time. @default {the notebook} */
  write?: (text: string) => Promise<void>;
  /** The clock, in milliseconds. @default {performance.now} */
  now?: () => number;
};

/** The progress of training a network. */
export type TrainingProgressLine = {
  /** To be given to a network's `fit`. */
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Ends the line on what came of it: `trained 12 epochs, best epoch 7`. */
  finish(history: TrainingHistory): Promise<void>;
};

/** Five times a second is as often as an eye follows. */
const INTERVAL_MS = 200;

/**
 * Starts a progress line for the training of a network.
 *
 * @param label What is being trained, in front of the line.
 * @param options Where to write, and the clock.
 * @returns The line; nothing is written before the first batch.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { trainingProgress } from "lib/show/progress.ts";
 *
 * const lines: string[] = [];
 * const write = (text: string) => Promise.resolve(void lines.push(text));
 * const progress = trainingProgress("LSTM", { write });
 * await progress.finish({
 *   trainingLoss: [3, 2, 1],
 *   validationLoss: [3, 2, 4],
 *   learningRate: [0.001, 0.001, 0.001],
 *   bestEpoch: 2,
 *   stoppedEarly: true,
 * });
 * assert.deepEqual(lines, ["LSTM: trained 3 epochs, best epoch 2"]);
 * ```
 */
export function trainingProgress(
  label: string,
  options: ProgressOptions = {},
): TrainingProgressLine {
  const { write = notebookLine(), now = () => performance.now() } = options;
  let shownMs = -Infinity;
  let written = Promise.resolve();
  // One write after the other, so that the last stays.
  const send = (text: string) =>
    written = written.then(() => write(cleanText(`${label}: ${text}`)));
  return {
    onProgress(progress) {
      if (now() - shownMs < INTERVAL_MS) return;
      shownMs = now();
      send(describeTraining(progress));
    },
    finish({ trainingLoss, bestEpoch }) {
      const epochs = formatCount(trainingLoss.length, "epoch");
      return send(`trained ${epochs}, best epoch ${bestEpoch}`);
    },
  };
}

function describeTraining(progress: TrainingProgress): string {
  const { epoch, epochs, batch, batches } = progress;
  const { trainingLoss, validationLoss, secondsLeft } = progress;
  return [
    `epoch ${epoch} of ${epochs}`,
    `batch ${batch} of ${batches}`,
    `training loss ${formatNumber(trainingLoss)}`,
    ...(validationLoss === undefined
      ? []
      : [`validation loss ${formatNumber(validationLoss)}`]),
    ...(Number.isFinite(secondsLeft)
      ? [`at most ${formatNumber(Math.ceil(secondsLeft))} s left`]
      : []),
  ].join(", ");
}

/** The part of `Deno.jupyter.display` that is used here. */
type KernelDisplay = (
  bundle: { "text/plain": string },
  options: { raw: true; update: boolean; display_id: string },
) => Promise<void>;

/** Writes an output that changes in place, in the Deno kernel only. */
function notebookLine(): (text: string) => Promise<void> {
  const display = kernelDisplay();
  if (!display) return () => Promise.resolve();
  const display_id = crypto.randomUUID();
  let update = false;
  return async (text) => {
    await display({ "text/plain": text }, { raw: true, update, display_id });
    update = true;
  };
}

/** `Deno.jupyter.display` inside the Deno kernel; outside, to ask throws. */
function kernelDisplay(): KernelDisplay | undefined {
  try {
    // The types of Deno leave out what is there in its kernel only.
    const kernel = Deno as { readonly jupyter?: { display: KernelDisplay } };
    return kernel.jupyter?.display;
  } catch {
    return undefined;
  }
}
