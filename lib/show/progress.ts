/**
 * One line that says how far long work has come. In a Deno notebook it is an
 * output that changes in place, on a terminal a line that is rewritten, and
 * elsewhere (tests, logs of a CI job) nothing at all.
 *
 * While the work runs the line may speak of seconds; what it ends on may not,
 * because the outputs of notebooks are kept without timestamps.
 *
 * @module
 */

import process from "node:process";
import { checkNumber } from "../numeric/checks.ts";
import type { TrainingHistory, TrainingProgress } from "../numeric/training.ts";
import { cleanText, formatCount, formatNumber } from "./text.ts";

/** Where the line is written: called with the whole line each time, and with
 * `final` when it is the last. */
export type ProgressSink = (text: string, final: boolean) => Promise<void>;

/** Options for {@linkcode progressLine} and {@linkcode trainingProgress}. */
export type ProgressOptions = {
  /** Where the line is written. @default {notebook, terminal or nowhere} */
  write?: ProgressSink;
  /** The clock, in milliseconds. @default {performance.now} */
  now?: () => number;
};

/** The progress of work in countable steps. */
export type ProgressLine = {
  /** Says how many steps are done, and perhaps what is next. */
  advance(done: number, note?: string): void;
  /** Ends the line on a lasting text, without times and rates. */
  finish(text: string): Promise<void>;
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
 * Starts a progress line for work in steps.
 *
 * @param total The number of steps, at least 1.
 * @param label What is being done, in front of the line.
 * @param options Where to write, and the clock.
 * @returns The line; nothing is written before the first step.
 * @throws {RangeError} If `total` is not a positive integer.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { progressLine } from "lib/show/progress.ts";
 *
 * const lines: string[] = [];
 * const write = (text: string) => Promise.resolve(void lines.push(text));
 * const progress = progressLine(3, "Detectors", { write });
 * progress.advance(1, "one-class SVM");
 * await progress.finish("3 fitted");
 * assert.deepEqual(lines, [
 *   "Detectors: 1 of 3, one-class SVM",
 *   "Detectors: 3 fitted",
 * ]);
 * ```
 */
export function progressLine(
  total: number,
  label: string,
  options: ProgressOptions = {},
): ProgressLine {
  checkNumber(total, "total", "show progress", { minimum: 1, integer: true });
  const line = new StatusLine(label, options);
  return {
    advance(done, note) {
      const count = `${formatNumber(done)} of ${formatNumber(total)}`;
      line.show(() => note === undefined ? count : `${count}, ${note}`);
    },
    finish: (text) => line.finish(text),
  };
}

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
  const line = new StatusLine(label, options);
  return {
    onProgress: (progress) => line.show(() => describeTraining(progress)),
    finish({ trainingLoss, bestEpoch }) {
      const epochs = formatCount(trainingLoss.length, "epoch", "epochs");
      return line.finish(`trained ${epochs}, best epoch ${bestEpoch}`);
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

/** A labelled line, rewritten at most five times a second, in order. */
class StatusLine {
  readonly #label: string;
  readonly #write: ProgressSink;
  readonly #now: () => number;
  #shownMs = -Infinity;
  #written: Promise<void> = Promise.resolve();

  constructor(label: string, options: ProgressOptions) {
    const { write = standardSink(), now = () => performance.now() } = options;
    this.#label = cleanText(label);
    this.#write = write;
    this.#now = now;
  }

  /** The text is made only if it is shown: batches may be many and short. */
  show(text: () => string): void {
    const nowMs = this.#now();
    if (nowMs - this.#shownMs < INTERVAL_MS) return;
    this.#shownMs = nowMs;
    this.#send(text(), false);
  }

  async finish(text: string): Promise<void> {
    this.#send(text, true);
    await this.#written;
  }

  #send(text: string, final: boolean): void {
    const line = `${this.#label}: ${cleanText(text)}`;
    this.#written = this.#written.then(() => this.#write(line, final));
  }
}

function standardSink(): ProgressSink {
  const display = kernelDisplay();
  if (display) return notebookSink(display);
  return process.stderr.isTTY ? terminalSink : () => Promise.resolve();
}

/** The part of `Deno.jupyter.display` that is used here. */
type KernelDisplay = (
  bundle: { "text/plain": string },
  options: { raw: true; update: boolean; display_id: string },
) => Promise<void>;

/** `Deno.jupyter.display` inside the Deno kernel; outside, to ask throws. */
function kernelDisplay(): KernelDisplay | undefined {
  const { Deno } = globalThis as {
    Deno?: { readonly jupyter?: { readonly display: KernelDisplay } };
  };
  try {
    return Deno?.jupyter?.display;
  } catch {
    return undefined;
  }
}

function notebookSink(display: KernelDisplay): ProgressSink {
  const display_id = crypto.randomUUID();
  let update = false;
  return async (text) => {
    await display({ "text/plain": text }, { raw: true, update, display_id });
    update = true;
  };
}

/** Return to the start of the line, write, and clear what was longer. */
function terminalSink(text: string, final: boolean): Promise<void> {
  process.stderr.write(`\r${text}\u001b[K${final ? "\n" : ""}`);
  return Promise.resolve();
}
