/**
 * All forecasters of a metric series as a backtest takes them: the baselines,
 * the network, and calibrated ones beside them.
 *
 * @module
 */

import { sliceSeries } from "../forecast/inputs.ts";
import { LstmForecaster } from "../forecast/lstm.ts";
import { networkWindow, SERIES_NETWORK } from "../forecast/network_settings.ts";
import { USUAL_QUANTILES } from "../forecast/quantile_levels.ts";
import { ReferencedInputs } from "../forecast/referenced_inputs.ts";
import type { MetricSeries } from "../logs/request_log.ts";
import type { TrainingControls } from "../numeric/training.ts";
import type { BacktestModel } from "./backtest.ts";
import {
  type BaselineModelOptions,
  baselineModels,
  BASELINES,
  usualSeason,
} from "./baseline_models.ts";
import { calibratedModel } from "./calibrated_model.ts";

/** The names of all, the slow ones last. */
export const COMPARED_FORECASTERS = [
  ...BASELINES,
  "exponential_smoothing_calibrated",
  "lstm",
  "lstm_calibrated",
] as const;

/** The name of a forecaster. */
export type ComparedName = typeof COMPARED_FORECASTERS[number];

/** Options for {@linkcode comparedForecasters}; the season is the usual one of
 * the series unless given. */
export type ComparedForecastersOptions =
  & BaselineModelOptions
  & NetworkModelOptions
  & {
    /** Which of them. @default {COMPARED_FORECASTERS} */
    methods?: readonly ComparedName[];
  };

/** Options for {@linkcode networkModel}. */
export type NetworkModelOptions = TrainingControls & {
  /** Steps to forecast. @default {12} */
  horizon?: number;
  /** The probabilities. @default {[0.05, 0.5, 0.95]} */
  quantiles?: readonly number[];
  /** Requests in each step of the series; they become an input.
   * @default {undefined} */
  rate?: MetricSeries | undefined;
  /** Windows to train on, at most. @default {3000} */
  maximumWindows?: number;
  /** Seed of the network. @default {0} */
  seed?: number;
};

/**
 * Lists the forecasters of a series; one more is one more entry.
 *
 * @param series The series that is backtested, with `seriesSource` as source.
 * @param options Which of them, season, horizon, quantiles, request rate, seed.
 * @returns The forecasters, in the order of {@linkcode COMPARED_FORECASTERS}.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { backtest, seriesSource } from "lib/evaluate/backtest.ts";
 * import { comparedForecasters } from "lib/evaluate/compared_forecasters.ts";
 *
 * const value = Float64Array.from({ length: 96 }, (_, i) => i % 24);
 * const series = {
 *   timestampMs: value.map((_, i) => i * 3_600_000),
 *   value,
 *   observed: new Uint8Array(96).fill(1),
 *   stepMs: 3_600_000,
 * };
 * const models = comparedForecasters(series, { methods: ["seasonal_naive"] });
 * const { scores } = await backtest(seriesSource(series), models);
 * assert.equal(scores[0].meanAbsoluteError, 0);
 * ```
 */
export function comparedForecasters(
  series: MetricSeries,
  options: ComparedForecastersOptions = {},
): BacktestModel<ComparedName>[] {
  const { methods = COMPARED_FORECASTERS } = options;
  const { season = usualSeason(series.stepMs) } = options;
  const baselines = baselineModels({ ...options, season });
  const network = networkModel(series, options);
  const calibrated = [...baselines, network].flatMap((model) => {
    const name = COMPARED_FORECASTERS.find((name) =>
      name === `${model.name}_calibrated`
    );
    return name === undefined ? [] : [{ ...calibratedModel(model), name }];
  });
  const all: BacktestModel<ComparedName>[] = [
    ...baselines,
    network,
    ...calibrated,
  ];
  return COMPARED_FORECASTERS.filter((name) => methods.includes(name))
    .flatMap((wanted) => all.filter(({ name }) => name === wanted));
}

/**
 * The network as a backtest takes it: its inputs are fitted at each cut-off on
 * the steps before it.
 *
 * @param series The series that is backtested.
 * @param options Horizon, quantiles, request rate, seed.
 * @returns The network.
 */
export function networkModel(
  series: MetricSeries,
  options: NetworkModelOptions = {},
): BacktestModel<"lstm"> {
  const { horizon = 12, quantiles = USUAL_QUANTILES, rate } = options;
  const { maximumWindows = 3000, seed = 0, signal, onProgress } = options;
  return {
    name: "lstm",
    inputAt: (trainEnd) =>
      ReferencedInputs.fit(sliceSeries(series, 0, trainEnd), {
        horizon,
        rate: rate && sliceSeries(rate, 0, trainEnd),
      }).transform(series, { rate }),
    fit: (train) =>
      LstmForecaster.fit(train, {
        ...SERIES_NETWORK,
        ...{ horizon, quantiles, maximumWindows, seed },
        windowLength: networkWindow(train.target.length, horizon),
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress } : {}),
      }),
  };
}
