/**
 * Rows in time order as training data for a network: windows of features with
 * the standardized targets that follow them.
 *
 * @module
 */

import { evenSubset, type RowRange, windowStarts } from "../logs/windows.ts";
import { mean, standardDeviation } from "../numeric/statistics.ts";
import { tf } from "../numeric/tensors.ts";
import type { TrainingBatch, TrainingData } from "../numeric/training.ts";
import type { ForecastInput } from "./forecaster.ts";

/** Location and scale of a target. */
export type TargetScale = {
  /** The mean, in the unit of the target. */
  readonly mean: number;
  /** The standard deviation; 1 for a constant target. */
  readonly deviation: number;
};

/** Rows of one series that windows and their targets may use. */
export type TrainingPart = {
  /** All rows of the series, checked by the caller. */
  readonly input: ForecastInput;
  /** The rows that may be used. */
  readonly part: RowRange;
};

/** The sizes of windows and how many there may be. */
export type WindowOptions = {
  /** The greatest number of windows, spread evenly. */
  maximum: number;
  /** Rows of a window. */
  windowLength: number;
  /** Target rows that follow it. */
  horizon: number;
  /** What the targets are standardized by, where an input brings no reference
   * of its own. */
  targetScale: TargetScale;
};

/** Options for {@linkcode trainingWindows}. */
export type TrainingWindowOptions = WindowOptions & {
  /** The rows that windows and targets may use. */
  part: RowRange;
};

/**
 * Measures the target, so that it can be standardized.
 *
 * @param target The target on the training rows, shape `(n)`, finite, n >= 1.
 * @returns Its mean and its standard deviation.
 */
export function standardizationOf(target: Float64Array): TargetScale {
  const deviation = standardDeviation(target);
  // A constant target has no scale of its own; any will do.
  return { mean: mean(target), deviation: deviation > 0 ? deviation : 1 };
}

/**
 * Lays windows over a part of the rows; each is copied only when a batch
 * wants it.
 *
 * @param input All rows, checked by the caller.
 * @param options The part, the greatest number of windows, their sizes, and
 * the scale of the targets.
 * @returns Windows `(batch, windowLength, d)` with targets `(batch, horizon)`.
 */
export function trainingWindows(
  input: ForecastInput,
  options: TrainingWindowOptions,
): TrainingData {
  return trainingWindowsOfMany([{ input, part: options.part }], options);
}

/**
 * Lays windows over parts of many series of equal features. Where there are
 * too many windows, each series gives equally many, or all that it has. Steps
 * that were not observed weigh nothing, and a window without any observed
 * target is left out.
 *
 * @param parts The series, each with the rows that may be used.
 * @param options The greatest number of windows, their sizes, and the scale of
 * the targets.
 * @returns Windows `(batch, windowLength, d)` with targets `(batch, horizon)`,
 * those of the first series first.
 */
export function trainingWindowsOfMany(
  parts: readonly TrainingPart[],
  options: WindowOptions,
): TrainingData {
  const possible = parts.map((part) => observedStarts(part, options));
  const shares = equalShares(
    possible.map((starts) => starts.length),
    options.maximum,
  );
  const windows = parts.flatMap(({ input }, k) =>
    shares[k] === 0
      ? []
      : Array.from(evenSubset(possible[k], shares[k]), (start) => ({
        input,
        start,
      }))
  );
  return {
    size: windows.length,
    batch: (indices) =>
      batchOf(Array.from(indices, (index) => windows[index]), options),
  };
}

/**
 * What a network should give for one step of one forecast.
 *
 * @param input All rows.
 * @param origin The last known row.
 * @param options The step ahead, from 1, and the scale of the targets.
 * @returns The target from the reference in units of its spread, or
 * standardized where there is no reference.
 */
export function scaledTarget(
  input: ForecastInput,
  origin: number,
  options: { step: number; targetScale: TargetScale },
): number {
  const { step, targetScale } = options;
  const { target, reference } = input;
  if (!reference) {
    return (target[origin + step] - targetScale.mean) / targetScale.deviation;
  }
  const at = origin * reference.horizon + step - 1;
  const { value, center, spread } = reference;
  const scaled = (value[origin + step] - center[at]) / spread[at];
  return Math.min(Math.max(scaled, -FURTHEST), FURTHEST);
}

/** Undoes {@linkcode scaledTarget}. */
export function unscaledOutput(
  output: number,
  input: ForecastInput,
  origin: number,
  options: { step: number; targetScale: TargetScale },
): number {
  const { step, targetScale } = options;
  const { reference } = input;
  if (!reference) return targetScale.mean + targetScale.deviation * output;
  const at = origin * reference.horizon + step - 1;
  return reference.toUnit(reference.center[at] + reference.spread[at] * output);
}

/** Targets further off than so many spreads count as that far: the pinball
 * loss is alike beyond, and 32-bit floats stay precise. */
const FURTHEST = 50;

type Window = { readonly input: ForecastInput; readonly start: number };

function batchOf(
  windows: readonly Window[],
  options: WindowOptions,
): TrainingBatch {
  const { windowLength, horizon, targetScale } = options;
  const cols = windows[0].input.features.cols;
  const size = windowLength * cols;
  const inputs = new Float32Array(windows.length * size);
  const targets = new Float32Array(windows.length * horizon);
  const weights = new Float32Array(windows.length * horizon).fill(1);
  windows.forEach(({ input, start }, k) => {
    const values = input.features.data;
    inputs.set(values.subarray(start * cols, start * cols + size), k * size);
    const origin = start + windowLength - 1;
    for (let step = 1; step <= horizon; step++) {
      const at = k * horizon + step - 1;
      targets[at] = scaledTarget(input, origin, { step, targetScale });
      if (input.observed) weights[at] = input.observed[origin + step];
    }
  });
  const shape: [number, number] = [windows.length, horizon];
  return {
    inputs: tf.tensor3d(inputs, [windows.length, windowLength, cols]),
    targets: tf.tensor2d(targets, shape),
    ...(windows.some(({ input }) => input.observed)
      ? { weights: tf.tensor2d(weights, shape) }
      : {}),
  };
}

/** The windows of a part that have an observed target. */
function observedStarts(
  { input, part }: TrainingPart,
  options: WindowOptions,
): Uint32Array {
  const { windowLength, horizon } = options;
  const starts = windowStarts(part.end, {
    firstRow: part.start,
    windowLength,
    horizon,
  });
  const { observed } = input;
  if (!observed) return starts;
  return starts.filter((start) => {
    const first = start + windowLength;
    return observed.subarray(first, first + horizon).includes(1);
  });
}

/** Shares a number among series as equally as what each has allows. */
function equalShares(available: readonly number[], total: number): number[] {
  const shares = available.map(() => 0);
  const order = available.map((_, k) => k)
    .sort((a, b) => available[a] - available[b]);
  let left = total;
  order.forEach((k, i) => {
    shares[k] = Math.min(available[k], Math.floor(left / (order.length - i)));
    left -= shares[k];
  });
  return shares;
}
