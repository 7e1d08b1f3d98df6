/**
 * Rolling-origin backtest: at each of several cut-offs a forecaster that knows
 * the rows before it, and nothing else, forecasts the next ones; all forecasters
 * face the same cut-offs and stand in one table. Scalers and encoders belong to
 * the training rows and are fitted anew with each forecaster.
 *
 * @see L. J. Tashman, Out-of-sample tests of forecasting accuracy (2000).
 * @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice
 * (3rd ed. 2021), section 5.10.
 *
 * @module
 */

import {
  firstRows,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
  type QuantileForecast,
} from "../forecast/forecaster.ts";
import { SeriesInputs, sliceSeries } from "../forecast/inputs.ts";
import {
  checkQuantiles,
  USUAL_QUANTILES,
} from "../forecast/quantile_levels.ts";
import type { MetricSeries } from "../logs/request_log.ts";
import { checkNumber } from "../numeric/checks.ts";
import { type BacktestScore, scoreBacktest } from "./backtest_score.ts";

export type { BacktestScore } from "./backtest_score.ts";

/** A forecaster to be fitted, and what it is called. */
export type BacktestModel<Name extends string = string> = {
  /** Its name. */
  readonly name: Name;
  /** Fits it. It should give the horizon and the quantiles of the backtest; a
   * `RangeError`, as for too few rows, leaves it out of the table. */
  readonly fit: (train: ForecastInput) => Forecaster | Promise<Forecaster>;
  /** All rows as this one takes them, where those of the source do not serve;
   * see {@linkcode BacktestSource.inputAt}. */
  readonly inputAt?: (trainEnd: number) => ForecastInput;
};

/** What is forecast. */
export type BacktestSource = {
  /** What really came, n rows in time order, in the unit of errors. */
  readonly target: Float64Array;
  /** 1 where a row was observed, 0 where it was filled in and is not judged.
   * All are observed if left out. */
  readonly observed?: Uint8Array;
  /** All n rows as a forecaster takes them, with scalers and encoders fitted on
   * the rows before `trainEnd` only; its target is that of the source. */
  readonly inputAt: (trainEnd: number) => ForecastInput;
};

/** Options for {@linkcode backtest}. */
export type BacktestOptions = {
  /** Steps to forecast from each cut-off. @default {12} */
  horizon?: number;
  /** Number of cut-offs. @default As many as fit into the last 30 % of the
   * rows, at least 1, at most 20. */
  cutoffs?: number;
  /** Rows from one cut-off to the next. @default {horizon} */
  stride?: number;
  /** Models are fitted at the first cut-off and at every so manieth after it.
   * @default {1} */
  retrain?: number;
  /** How many times each model is fitted at most, if `retrain` is left out.
   * @default {cutoffs} */
  fits?: number;
  /** The probabilities, 0.5 among them. @default {[0.05, 0.5, 0.95]} */
  quantiles?: readonly number[];
  /** Rows of a season, for the scale of MASE. @default {1} */
  season?: number;
  /** The name of the model that skill is relative to.
   * @default {"seasonal_naive"} */
  reference?: string;
  /** The least and the greatest value that there can be; forecasts of all
   * models are cut to them. @default {[-Infinity, Infinity]} */
  limits?: readonly [number, number];
  /** Ends the backtest between two fits. */
  signal?: AbortSignal;
  /** Told before each fit. */
  onProgress?: (progress: BacktestProgress) => void;
};

/** How far a backtest has come. */
export type BacktestProgress = {
  /** The model that is being fitted. */
  readonly name: string;
  /** The number of the fit, from 1, over all models. */
  readonly fit: number;
  /** All fits. */
  readonly fits: number;
};

/** The result of a backtest. */
export type Backtest<Name extends string = string> = {
  /** One score a model, in their order. */
  readonly scores: readonly BacktestScore<Name>[];
  /** The first row that is forecast from each cut-off. */
  readonly cutoffs: Uint32Array;
  /** The number of values that each model was judged by. */
  readonly judgedCount: number;
  /** Which models were left out, and why. */
  readonly notes: readonly string[];
};

const ACTION = "backtest";
const TEST_SHARE = 0.3;
const MOST_CUTOFFS = 20;

/**
 * Takes a metric series as what is forecast.
 *
 * @param series The series; filled-in steps are known but not judged.
 * @returns The source, with {@linkcode SeriesInputs} as inputs.
 */
export function seriesSource(series: MetricSeries): BacktestSource {
  return {
    target: series.value,
    observed: series.observed,
    inputAt: (trainEnd) =>
      SeriesInputs.fit(sliceSeries(series, 0, trainEnd)).transform(series),
  };
}

/**
 * Backtests forecasters side by side.
 *
 * @param source What is forecast, n rows.
 * @param models The forecasters, at least one.
 * @param options Horizon, cut-offs, cadence of fits, quantiles.
 * @returns The table, without the models that could not be fitted.
 * @throws {RangeError} If the rows are too few for the cut-offs, no row to be
 * judged was observed, every model had to be left out, or an option is out of
 * range.
 * @throws `options.signal.reason`, if the signal is aborted.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { backtest } from "lib/evaluate/backtest.ts";
 * import { lastValueForecaster } from "lib/forecast/baselines.ts";
 * import { matrixFromColumns } from "lib/numeric/matrix.ts";
 *
 * const target = Float64Array.of(1, 2, 4, 8, 16);
 * const input = { features: matrixFromColumns([target]), target };
 * const { scores } = await backtest(
 *   { target, inputAt: () => input },
 *   [{ name: "last", fit: () => lastValueForecaster() }],
 *   { horizon: 1, cutoffs: 2, quantiles: [0.5] },
 * );
 * // 4 for 8, and 8 for 16.
 * assert.equal(scores[0].meanAbsoluteError, 6);
 * ```
 */
export async function backtest<Name extends string>(
  source: BacktestSource,
  models: readonly BacktestModel<Name>[],
  options: BacktestOptions = {},
): Promise<Backtest<Name>> {
  const plan = planOf(source.target.length, options);
  checkNumber(models.length, "the number of models", ACTION, { minimum: 1 });
  const forecasts: { name: Name; forecast: QuantileForecast }[] = [];
  const notes: string[] = [];
  let fit = 0;
  for (const { name, fit: fitModel, inputAt = source.inputAt } of models) {
    const announce = () => {
      options.signal?.throwIfAborted();
      const fits = models.length * plan.blocks.length;
      options.onProgress?.({ name, fit: ++fit, fits });
    };
    try {
      const forecast = await rollingForecast(inputAt, plan, (train) => {
        announce();
        return fitModel(train);
      });
      forecasts.push({ name, forecast });
    } catch (error) {
      // The engine's own RangeErrors are defects; ours begin with "Cannot".
      if (!isRefusal(error)) throw error;
      notes.push(`${name} left out: ${error.message}`);
    }
  }
  if (forecasts.length === 0) {
    throw new RangeError(`Cannot ${ACTION}: ${notes.join("; ")}`);
  }
  return {
    ...scoreBacktest(source, forecasts, plan),
    cutoffs: plan.origins.map((origin) => origin + 1),
    notes,
  };
}

/** Cut-offs, in blocks that share one fit. */
type Plan = {
  readonly horizon: number;
  readonly quantiles: readonly number[];
  readonly season: number;
  readonly reference: string;
  readonly limits: readonly [number, number];
  /** The last known row of each cut-off. */
  readonly origins: Uint32Array;
  readonly blocks: readonly Uint32Array[];
};

function planOf(rows: number, options: BacktestOptions): Plan {
  const { horizon = 12, stride = horizon, season = 1 } = options;
  const { quantiles = USUAL_QUANTILES, reference = "seasonal_naive" } = options;
  const { limits = [-Infinity, Infinity] } = options;
  const usual = Math.floor((TEST_SHARE * rows - horizon) / stride) + 1;
  const { cutoffs = Math.min(Math.max(usual, 1), MOST_CUTOFFS) } = options;
  const { fits = cutoffs } = options;
  const { retrain = Math.ceil(cutoffs / fits) } = options;
  for (
    const [name, value] of Object.entries({
      horizon,
      stride,
      season,
      cutoffs,
      fits,
      retrain,
    })
  ) checkNumber(value, name, ACTION, { minimum: 1, integer: true });
  checkQuantiles(quantiles, ACTION);
  if (!quantiles.includes(0.5)) {
    throw new RangeError(
      `Cannot ${ACTION}: quantiles are ${quantiles}, expected 0.5 among them`,
    );
  }
  const last = rows - 1 - horizon;
  const first = last - (cutoffs - 1) * stride;
  if (!(first >= 0)) {
    throw new RangeError(
      `Cannot ${ACTION}: ${cutoffs} cut-offs, ${stride} rows apart, of ${horizon} steps each need more than ${
        rows - 1 - first
      } rows, got ${rows}`,
    );
  }
  const origins = Uint32Array.from(
    { length: cutoffs },
    (_, k) => first + k * stride,
  );
  const blocks = Array.from(
    { length: Math.ceil(cutoffs / retrain) },
    (_, k) => origins.subarray(k * retrain, (k + 1) * retrain),
  );
  return { horizon, quantiles, season, reference, limits, origins, blocks };
}

/** The forecasts of one model from all cut-offs, each block by its own fit. */
async function rollingForecast(
  inputAt: BacktestSource["inputAt"],
  plan: Plan,
  fit: BacktestModel["fit"],
): Promise<QuantileForecast> {
  const { horizon, quantiles, origins, blocks } = plan;
  const size = horizon * quantiles.length;
  const values = new Float64Array(origins.length * size);
  let at = 0;
  for (const block of blocks) {
    const trainEnd = block[0] + 1;
    const input = inputAt(trainEnd);
    const model = await fit(firstRows(input, trainEnd));
    try {
      const known = firstRows(input, block[block.length - 1] + 1);
      values.set(wantedValues(model.forecast(known, block), plan), at);
      at += block.length * size;
    } finally {
      model.dispose?.();
    }
  }
  return { quantiles, horizon, origins, values };
}

/** The steps and quantiles of the plan, cut to its limits. */
function wantedValues(forecast: QuantileForecast, plan: Plan): Float64Array {
  const { horizon, quantiles, limits: [least, greatest] } = plan;
  const count = forecast.origins.length;
  const values = new Float64Array(count * horizon * quantiles.length);
  for (let k = 0; k < horizon; k++) {
    quantiles.forEach((quantile, column) => {
      const own = forecastColumn(forecast, { step: k + 1, quantile });
      own.forEach((value, i) => {
        values[(i * horizon + k) * quantiles.length + column] = Math.min(
          Math.max(value, least),
          greatest,
        );
      });
    });
  }
  return values;
}

function isRefusal(error: unknown): error is RangeError {
  return error instanceof RangeError && error.message.startsWith("Cannot ");
}
