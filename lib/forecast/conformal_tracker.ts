/**
 * Calibration that follows a drifting series: after each value that comes, each
 * quantile of each step ahead is moved a little, up if the value lay above it,
 * down if not, so that in the long run a share q of the values lies at or below
 * the q-quantile, whatever the series does.
 *
 * For a quantile f of probability q, given as `g = f + p + s tan(c / C)`, and
 * the value y that came:
 *
 *     e = q - [y <= g]     p ← p + η s e     c ← c + e
 *
 * with s the size of recent errors `|y - f - p|`. The first term is quantile
 * tracking, the second integrates the errors e and saturates. Unless a value
 * lies more than 100 s beyond, c stays within ± 1.56 C, so that after n values
 * the share is off by at most about 1.56 C / n; a series that runs away from
 * its model's forecasts for ever is not followed.
 * This is conformal PID control without its forecaster of scores. It was
 * preferred to adaptive conformal inference (Gibbs and Candès 2021), which
 * moves the level instead: levels beyond 0 and 1 mean intervals that are empty
 * or infinite, and a window of past errors must be kept. An error counts for the
 * quantile as it stood h values ago for h steps ahead, before sorting: were it
 * judged by another one's place, two that crossed would drive each other on.
 *
 * @see A. N. Angelopoulos, E. J. Candès, R. J. Tibshirani, Conformal PID Control
 * for Time Series Prediction (2023), sections 2.1 and 2.2.
 * @see I. Gibbs, E. J. Candès, Adaptive Conformal Inference Under Distribution
 * Shift (2021).
 *
 * @module
 */

import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { shiftedQuantiles } from "./calibration.ts";
import { finiteSum } from "./quantile_levels.ts";

/** Options for {@linkcode ConformalTracker}. */
export type ConformalTrackerOptions = {
  /** η, how far a quantile moves after one error, as a share of the size of
   * errors. @default {0.02} */
  learningRate?: number;
};

/** Where calibration starts: what each quantile is moved by at first, and the
 * size of errors; each of shape `(horizon, quantiles)`. */
export type TrackerStart = {
  /** The probabilities, ascending. */
  readonly quantiles: readonly number[];
  /** p, in the unit of the target. */
  readonly shifts: Float64Array;
  /** s, in the unit of the target, >= 0. */
  readonly scales: Float64Array;
};

/** C, errors in one direction that call for a move of `tan 1` times their size.
 * With 50, an end of an interval is off by at most 1.6 points after 5,000. */
const SATURATION = 50;
/** The most that c / C can be; its tangent is 100. */
const GREATEST_ANGLE = Math.atan(100);
/** How fast s follows: over about 300 values. */
const SCALE_RATE = 0.003;
/** An error counts for s as at most so many times s: one outage is no drift. */
const LARGEST_ERROR = 10;
/** s does not fall below this share of where it started, so that a quiet day
 * does not make it deaf. */
const SCALE_FLOOR = 1e-3;

/** One forecast that waits for what comes. */
type Pending = { base: Float64Array; moved: Float64Array };

/** Calibrates forecasts one after the other, in bounded memory. */
export class ConformalTracker {
  readonly #quantiles: readonly number[];
  readonly #horizon: number;
  readonly #rate: number;
  readonly #shifts: Float64Array;
  readonly #scales: Float64Array;
  readonly #floors: Float64Array;
  readonly #sums: Float64Array;
  #newest: Pending | undefined;
  /** The forecasts of the last `horizon` rows, the newest first. */
  #pending: (Pending | undefined)[] = [];

  /**
   * Starts where a calibration has ended.
   *
   * @param start Shifts and scales.
   * @param options How fast it follows.
   * @throws {RangeError} If shapes disagree or a number is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { ConformalTracker } from "lib/forecast/conformal_tracker.ts";
   *
   * const tracker = new ConformalTracker({
   *   quantiles: [0.5],
   *   shifts: Float64Array.of(0),
   *   scales: Float64Array.of(1),
   * });
   * // The model says 10, but what comes is 12, always.
   * for (let i = 0; i < 1000; i++) {
   *   tracker.next(Float64Array.of(10));
   *   tracker.update(12);
   * }
   * const [median] = tracker.next(Float64Array.of(10));
   * assert.ok(Math.abs(median - 12) < 0.2);
   * ```
   */
  constructor(start: TrackerStart, options: ConformalTrackerOptions = {}) {
    const { learningRate = 0.02 } = options;
    const { quantiles, shifts, scales } = start;
    const action = "follow forecasts";
    checkNumber(learningRate, "learningRate", action, {
      minimum: 0,
      maximum: 1,
    });
    checkValues(shifts, "shifts", action);
    checkValues(scales, "scales", action);
    checkLength(scales.length, shifts.length, "scales", action);
    const horizon = shifts.length / quantiles.length;
    checkNumber(horizon, "shifts by quantiles", action, { integer: true });
    this.#quantiles = quantiles;
    this.#horizon = horizon;
    this.#rate = learningRate;
    this.#shifts = shifts.slice();
    this.#scales = scales.map((scale) => Math.max(scale, 0));
    this.#floors = this.#scales.map((scale) => SCALE_FLOOR * scale);
    this.#sums = new Float64Array(shifts.length);
  }

  /**
   * Calibrates the forecast from the newest row, and remembers it until what it
   * foretold has come.
   *
   * @param values The model's quantiles, shape `(horizon, quantiles)`.
   * @returns The calibrated quantiles, of the same shape, ascending by step.
   * @throws {RangeError} If the shape is another or a value is not finite.
   */
  next(values: Float64Array): Float64Array {
    checkValues(values, "values", "calibrate a forecast");
    checkLength(
      values.length,
      this.#shifts.length,
      "values",
      "calibrate a forecast",
    );
    const moves = this.#shifts.map((shift, k) =>
      finiteSum(shift, this.#scales[k] * Math.tan(this.#sums[k] / SATURATION))
    );
    this.#newest = {
      base: values.slice(),
      moved: values.map((value, k) => finiteSum(value, moves[k])),
    };
    return shiftedQuantiles(values, moves, this.#quantiles.length);
  }

  /**
   * Goes on by one row and learns from what came.
   *
   * @param actual The value of the row; leave out where none was observed.
   * @throws {RangeError} If the value is not finite.
   */
  update(actual?: number): void {
    this.#pending = [this.#newest, ...this.#pending].slice(0, this.#horizon);
    this.#newest = undefined;
    if (actual === undefined) return;
    checkNumber(actual, "actual", "follow forecasts");
    this.#pending.forEach((forecast, step) => {
      if (forecast) this.#learn(actual, forecast, step);
    });
  }

  #learn(actual: number, forecast: Pending, step: number): void {
    const count = this.#quantiles.length;
    this.#quantiles.forEach((q, column) => {
      const k = step * count + column;
      const error = q - (actual <= forecast.moved[k] ? 1 : 0);
      const shift = this.#shifts[k];
      const missedBy = finiteSum(finiteSum(actual, -forecast.base[k]), -shift);
      const scale = this.#nextScale(k, Math.abs(missedBy));
      this.#scales[k] = scale;
      this.#shifts[k] = finiteSum(shift, this.#rate * scale * error);
      const limit = GREATEST_ANGLE * SATURATION;
      const sum = this.#sums[k] + error;
      this.#sums[k] = Math.min(Math.max(sum, -limit), limit);
    });
  }

  #nextScale(k: number, size: number): number {
    const scale = this.#scales[k];
    // Errors of 0 so far, as of a constant: the first other one tells a size.
    if (scale === 0) return size;
    const most = LARGEST_ERROR * scale;
    const next = scale + SCALE_RATE * (Math.min(size, most) - scale);
    return finiteSum(Math.max(next, this.#floors[k]), 0);
  }
}
