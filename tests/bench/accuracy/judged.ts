/**
 * Quantile forecasts beside what came, over all origins and steps ahead, as the
 * losses of `lib/evaluate/forecasts.ts` take them.
 *
 * @module
 */

import {
  intervalCoverage,
  type QuantileColumn,
} from "../../../lib/evaluate/forecasts.ts";
import type { QuantileForecast } from "../../../lib/forecast/forecaster.ts";

/** What came and what was forecast of it. */
export type Judged = {
  /** What came, shape `(n)`. */
  readonly actual: Float64Array;
  /** One column a quantile, of n values each. */
  readonly columns: readonly QuantileColumn[];
};

/**
 * Sets a forecast beside what came.
 *
 * @param forecast The forecast.
 * @param target What came, with all rows that were forecast.
 * @param isJudged Whether a row counts, forecast so many steps ahead.
 * @returns The rows that count, origin by origin.
 */
export function judgedRows(
  forecast: QuantileForecast,
  target: Float64Array,
  isJudged: (row: number, step: number) => boolean,
): Judged {
  const { quantiles, horizon, origins, values } = forecast;
  const actual: number[] = [];
  const columns = quantiles.map((): number[] => []);
  origins.forEach((origin, i) => {
    for (let step = 1; step <= horizon; step++) {
      if (!isJudged(origin + step, step)) continue;
      actual.push(target[origin + step]);
      const start = (i * horizon + step - 1) * quantiles.length;
      columns.forEach((column, j) => column.push(values[start + j]));
    }
  });
  return {
    actual: Float64Array.from(actual),
    columns: quantiles.map((quantile, j) => ({
      quantile,
      values: Float64Array.from(columns[j]),
    })),
  };
}

/**
 * How often what came lay between the outermost quantiles.
 *
 * @param judged The rows.
 * @returns A share, 0 to 1.
 */
export function coverageOf({ actual, columns }: Judged): number {
  return intervalCoverage(actual, {
    lower: columns[0].values,
    upper: columns[columns.length - 1].values,
  });
}
