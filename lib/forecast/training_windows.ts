/**
 * Rows in time order as training data for a network: windows of features with
 * the standardized targets that follow them.
 *
 * @module
 */

import {
  evenSubset,
  gatherWindows,
  type RowRange,
  windowStarts,
} from "../logs/windows.ts";
import { mean, standardDeviation } from "../numeric/statistics.ts";
import { tf } from "../numeric/tensors.ts";
import type { TrainingData } from "../numeric/training.ts";
import type { ForecastInput } from "./forecaster.ts";

/** Location and scale of a target. */
export type TargetScale = {
  /** The mean, in the unit of the target. */
  readonly mean: number;
  /** The standard deviation; 1 for a constant target. */
  readonly deviation: number;
};

/** Options for {@linkcode trainingWindows}. */
export type TrainingWindowOptions = {
  /** The rows that windows and targets may use. */
  part: RowRange;
  /** The greatest number of windows, spread evenly. */
  maximum: number;
  /** Rows of a window. */
  windowLength: number;
  /** Target rows that follow it. */
  horizon: number;
  /** What the targets are standardized by. */
  targetScale: TargetScale;
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
  const { part, maximum, windowLength, horizon, targetScale } = options;
  const { features, target } = input;
  const starts = evenSubset(
    windowStarts(part.end, { firstRow: part.start, windowLength, horizon }),
    maximum,
  );
  return {
    size: starts.length,
    batch(indices) {
      const chosen = indices.map((index) => starts[index]);
      const windows = gatherWindows(features, chosen, windowLength);
      const targets = new Float32Array(chosen.length * horizon);
      for (let k = 0; k < targets.length; k++) {
        const start = chosen[Math.floor(k / horizon)];
        const value = target[start + windowLength + k % horizon];
        targets[k] = (value - targetScale.mean) / targetScale.deviation;
      }
      const shape = [chosen.length, windowLength, features.cols] as const;
      return {
        inputs: tf.tensor3d(windows, [...shape]),
        targets: tf.tensor2d(targets, [chosen.length, horizon]),
      };
    },
  };
}
