/**
 * How good quantile forecasts are: one loss over all quantiles, how often an
 * interval held what came and how wide it was for that, and whether quantiles
 * stand in their order.
 *
 * @module
 */

import type { QuantileForecast } from "../forecast/forecaster.ts";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { meanLoss } from "./mean_loss.ts";

/** The forecast quantiles of one probability. */
export type QuantileColumn = {
  /** The probability, above 0 and below 1. */
  readonly quantile: number;
  /** The quantiles, shape `(n)`. */
  readonly values: Float64Array;
};

/** The two ends of a forecast interval. */
export type ForecastInterval = {
  /** The lower ends, shape `(n)`. */
  readonly lower: Float64Array;
  /** The upper ends, shape `(n)`. */
  readonly upper: Float64Array;
};

const ACTION = "evaluate quantile forecasts";

/**
 * The mean pinball loss, `mean max(q (y - f), (q - 1) (y - f))`; the
 * q-quantile minimizes it. For q = 0.5 it is half the mean absolute error.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param forecast The forecast q-quantiles, shape `(n)`.
 * @param q The probability, above 0 and below 1.
 * @returns The loss, in the unit of `actual`.
 * @throws {RangeError} If q is out of range, there is no value, one is not
 * finite, or the lengths differ.
 * @see R. Koenker, G. Bassett, Regression Quantiles (1978).
 */
export function meanPinballLoss(
  actual: Float64Array,
  forecast: Float64Array,
  q: number,
): number {
  checkNumber(q, "q", "evaluate forecasts", {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  return meanLoss(
    actual,
    forecast,
    (error) => Math.max(q * error, (q - 1) * error),
  );
}

/**
 * The mean weighted quantile loss: for each probability q twice the sum of its
 * pinball losses divided by `sum |y|`, averaged over the probabilities. It has
 * no unit, so that series of different size can be averaged.
 *
 * @param actual What came, shape `(n)`, n >= 1, not all 0.
 * @param columns The forecast quantiles, one column a probability.
 * @returns The loss; lower is better.
 * @throws {RangeError} If there is no column, all of `actual` is 0, lengths
 * differ, a value is not finite, or a probability is out of range.
 * @see A. Alexandrov et al., GluonTS: Probabilistic and Neural Time Series
 * Modeling in Python (2020), `mean_wQuantileLoss`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { weightedQuantileLoss } from "lib/evaluate/forecasts.ts";
 *
 * // |5 - 4| and |5 - 6| of 10.
 * const loss = weightedQuantileLoss(Float64Array.of(5, 5), [
 *   { quantile: 0.5, values: Float64Array.of(4, 6) },
 * ]);
 * assert.equal(loss, 0.2);
 * ```
 */
export function weightedQuantileLoss(
  actual: Float64Array,
  columns: readonly QuantileColumn[],
): number {
  const meanSize = meanPinballLoss(
    actual,
    new Float64Array(actual.length),
    0.5,
  );
  if (!(meanSize > 0)) {
    throw new RangeError(
      `Cannot ${ACTION}: all ${actual.length} values are 0, expected one that is not`,
    );
  }
  return meanQuantileLoss(actual, columns) / meanSize;
}

/**
 * The mean pinball loss over all probabilities.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param columns The forecast quantiles, one column a probability.
 * @returns The loss, in the unit of `actual`; lower is better.
 * @throws {RangeError} If there is no column, lengths differ, a value is not
 * finite, or a probability is out of range.
 */
export function meanQuantileLoss(
  actual: Float64Array,
  columns: readonly QuantileColumn[],
): number {
  if (!(columns.length >= 1)) {
    throw new RangeError(`Cannot ${ACTION}: expected at least one column`);
  }
  const losses = columns.map(({ quantile, values }) =>
    meanPinballLoss(actual, values, quantile)
  );
  return losses.reduce((sum, loss) => sum + loss) / losses.length;
}

/**
 * How often what came lay within the interval, its ends included.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param interval The intervals.
 * @returns A share, 0 to 1; best where it is what was promised.
 * @throws {RangeError} If lengths differ or a value is not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { intervalCoverage } from "lib/evaluate/forecasts.ts";
 *
 * const lower = Float64Array.of(0, 0, 0, 0);
 * const upper = Float64Array.of(2, 2, 2, 2);
 * const actual = Float64Array.of(-1, 0, 1, 2);
 * assert.equal(intervalCoverage(actual, { lower, upper }), 0.75);
 * ```
 */
export function intervalCoverage(
  actual: Float64Array,
  interval: ForecastInterval,
): number {
  checkValues(actual, "actual", ACTION);
  checkInterval(interval, actual.length);
  const { lower, upper } = interval;
  let inside = 0;
  actual.forEach((value, i) => {
    if (value >= lower[i] && value <= upper[i]) inside++;
  });
  return inside / actual.length;
}

/**
 * The mean of `upper - lower`; of two that cover alike, the narrower is better.
 *
 * @param interval The intervals, n >= 1.
 * @returns The width, in the unit of the target; negative where ends cross.
 * @throws {RangeError} If lengths differ or a value is not finite.
 */
export function meanIntervalWidth(interval: ForecastInterval): number {
  const { lower, upper } = interval;
  checkInterval(interval, lower.length);
  let mean = 0;
  for (let i = 0; i < lower.length; i++) {
    mean += upper[i] / lower.length - lower[i] / lower.length;
  }
  return mean;
}

/**
 * Counts neighbouring quantiles that stand in the wrong order.
 *
 * @param forecast The forecast.
 * @returns The number of pairs, over all origins and steps, of which the
 * quantile of the higher probability is lower.
 */
export function quantileCrossings(forecast: QuantileForecast): number {
  const { quantiles, values } = forecast;
  let crossings = 0;
  for (let k = 1; k < values.length; k++) {
    const isPair = k % quantiles.length !== 0;
    if (isPair && values[k] < values[k - 1]) crossings++;
  }
  return crossings;
}

function checkInterval(interval: ForecastInterval, length: number): void {
  for (const [name, values] of Object.entries(interval)) {
    checkValues(values, name, ACTION);
    checkLength(values.length, length, name, ACTION);
  }
}
