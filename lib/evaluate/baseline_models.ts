/**
 * The baselines as a backtest takes them, each with quantiles of its own
 * errors.
 *
 * @module
 */

import {
  constantForecaster,
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "../forecast/baselines.ts";
import { ExponentialSmoothing } from "../forecast/exponential_smoothing.ts";
import type { Forecaster, ForecastInput } from "../forecast/forecaster.ts";
import { USUAL_QUANTILES } from "../forecast/quantile_levels.ts";
import { ResidualQuantileForecaster } from "../forecast/residual_quantiles.ts";
import type { BacktestModel } from "./backtest.ts";

/** The names of the baselines. */
export const BASELINES = [
  "seasonal_naive",
  "last_value",
  "rolling_median",
  "exponential_smoothing",
  "constant",
] as const;

/** The name of a baseline. */
export type BaselineName = typeof BASELINES[number];

/** Options for {@linkcode baselineModels}. */
export type BaselineModelOptions = {
  /** Rows in a season. @default {1} */
  season?: number;
  /** Steps to forecast. @default {12} */
  horizon?: number;
  /** The probabilities. @default {[0.05, 0.5, 0.95]} */
  quantiles?: readonly number[];
};

/** Rows that the rolling median looks at. */
const MEDIAN_WINDOW = 12;
const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

/**
 * Lists all baselines.
 *
 * @param options Season, horizon, quantiles.
 * @returns The baselines, the seasonal naive first.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { baselineModels } from "lib/evaluate/baseline_models.ts";
 *
 * const [naive] = baselineModels({ season: 24, horizon: 3 });
 * assert.equal(naive.name, "seasonal_naive");
 * ```
 */
export function baselineModels(
  options: BaselineModelOptions = {},
): BacktestModel<BaselineName>[] {
  const { season = 1, horizon = 12, quantiles = USUAL_QUANTILES } = options;
  const points: Record<BaselineName, (train: ForecastInput) => Forecaster> = {
    seasonal_naive: () => seasonalNaiveForecaster(season, { horizon }),
    last_value: () => lastValueForecaster({ horizon }),
    rolling_median: () => rollingMedianForecaster(MEDIAN_WINDOW, { horizon }),
    exponential_smoothing: (train) =>
      ExponentialSmoothing.fit(train, { season, horizon }),
    constant: ({ target }) => constantForecaster(target, { horizon }),
  };
  return BASELINES.map((name) => ({
    name,
    fit: (train) =>
      ResidualQuantileForecaster.fit(points[name](train), train, { quantiles }),
  }));
}

/**
 * The season of a metric series by the length of its steps.
 *
 * @param stepMs The step in milliseconds.
 * @returns The steps of a day; for steps of a day those of a week; 1, no season,
 * for steps that do not divide a day.
 */
export function usualSeason(stepMs: number): number {
  if (stepMs === DAY_MS) return WEEK_DAYS;
  const steps = DAY_MS / stepMs;
  return Number.isInteger(steps) ? steps : 1;
}
