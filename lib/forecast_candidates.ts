/**
 * The forecasters that compete for a series, each fitted on its first 80 % of
 * steps, and what is fallen back to where there are too few for any.
 *
 * @module
 */

import {
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "./forecast/baselines.ts";
import { ExponentialSmoothing } from "./forecast/exponential_smoothing.ts";
import type { Forecaster, ForecastInput } from "./forecast/forecaster.ts";
import { sliceSeries } from "./forecast/inputs.ts";
import { LstmForecaster } from "./forecast/lstm.ts";
import { networkWindow, SERIES_NETWORK } from "./forecast/network_settings.ts";
import { randomWalkForecaster } from "./forecast/random_walk.ts";
import { ReferencedInputs, seasonOf } from "./forecast/referenced_inputs.ts";
import { ResidualQuantileForecaster } from "./forecast/residual_quantiles.ts";
import { type ForecastMethod, valuesAlone } from "./forecast_model.ts";
import type { MetricSeries } from "./logs/request_log.ts";
import type { TrainingControls } from "./numeric/training.ts";

/** A series and, where its log tells, the requests in each of its steps. */
export type RatedSeries = {
  /** The series. */
  readonly series: MetricSeries;
  /** Requests in each step. */
  readonly rate?: MetricSeries | undefined;
};

/** What all candidates are fitted with. */
export type CandidateSettings = {
  /** Steps to forecast. */
  readonly horizon: number;
  /** The probabilities, 0.5 among them. */
  readonly quantiles: readonly number[];
  /** Where it is said which forecasters were left out, and why. */
  readonly notes: string[];
};

/** What the network is fitted with. */
export type NetworkSettings = CandidateSettings & TrainingControls & {
  /** Requests in each step of the series. */
  readonly rate?: MetricSeries | undefined;
  /** Other series to learn from. */
  readonly related?: readonly RatedSeries[];
  /** Seed of everything random. */
  readonly seed?: number;
};

/** A fitted forecaster that may be chosen. */
export type Candidate = {
  /** Its name. */
  readonly method: ForecastMethod;
  /** The forecaster. */
  readonly forecaster: Forecaster;
  /** The inputs of the network. */
  readonly inputs?: ReferencedInputs | undefined;
  /** All rows, as the forecaster takes them. */
  readonly input: ForecastInput;
};

const TRAINING_SHARE = 0.8;
const MEDIAN_WINDOW = 12;

/**
 * Says where the steps end that candidates are fitted on.
 *
 * @param series The series.
 * @returns The first step that is held out.
 */
export function trainEndOf(series: MetricSeries): number {
  return Math.floor(series.value.length * TRAINING_SHARE);
}

/**
 * Fits those baselines that a series is long enough for.
 *
 * @param series The series.
 * @param options Horizon and quantiles, and where to say what was left out.
 * @returns The baselines, the simplest first.
 */
export function fitBaselines(
  series: MetricSeries,
  options: CandidateSettings,
): Candidate[] {
  const { horizon, quantiles, notes } = options;
  const input = valuesAlone(series);
  const training = valuesAlone(trainingPart(series));
  const season = seasonOf(series.stepMs);
  const candidates: Candidate[] = [];
  const attempt = (method: ForecastMethod, build: () => Forecaster) => {
    try {
      const forecaster = ResidualQuantileForecaster.fit(build(), training, {
        quantiles,
      });
      candidates.push({ method, forecaster, input });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      notes.push(`${method} left out: ${error.message}`);
    }
  };
  attempt("last_value", () => lastValueForecaster({ horizon }));
  attempt(
    "rolling_median",
    () => rollingMedianForecaster(MEDIAN_WINDOW, { horizon }),
  );
  if (season === 1) {
    notes.push(
      `seasonal_naive needs a day of steps that divide it, got steps of ${
        series.stepMs / 1000
      } s`,
    );
  } else {
    attempt(
      "seasonal_naive",
      () => seasonalNaiveForecaster(season, { horizon }),
    );
  }
  attempt(
    "exponential_smoothing",
    () => ExponentialSmoothing.fit(training, { season, horizon }),
  );
  return candidates;
}

/**
 * Fits the network, if the series is long enough for it.
 *
 * @param series The series.
 * @param options Horizon and quantiles, what to learn from besides, and where
 * to say that it was left out.
 * @returns The network, or nothing.
 * @throws `options.signal.reason`, if the signal is aborted.
 */
export async function fitNetwork(
  series: MetricSeries,
  options: NetworkSettings,
): Promise<Candidate[]> {
  const { horizon, quantiles, rate, related = [], notes } = options;
  const { seed = 0, signal, onProgress } = options;
  try {
    const inputs = ReferencedInputs.fit(trainingPart(series), {
      horizon,
      rate: rate && trainingPart(rate),
    });
    const input = inputs.transform(series, { rate });
    const training = trainingInput(inputs, { series, rate });
    const others = related.flatMap((other) => {
      const own = ReferencedInputs.fit(trainingPart(other.series), {
        horizon,
        rate: other.rate && trainingPart(other.rate),
      });
      return trainingInput(own, other);
    });
    const windowLength = networkWindow(training.target.length, horizon);
    const forecaster = await LstmForecaster.fit(
      [
        training,
        ...others.filter(({ target }) =>
          SERIES_NETWORK.validationFraction * target.length >=
            windowLength + horizon + 1
        ),
      ],
      {
        ...SERIES_NETWORK,
        windowLength,
        horizon,
        quantiles,
        seed,
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress } : {}),
      },
    );
    return [{ method: "lstm", forecaster, inputs, input }];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push(`lstm left out: ${error.message}`);
    return [];
  }
}

function trainingPart(series: MetricSeries): MetricSeries {
  return sliceSeries(series, 0, trainEndOf(series));
}

function trainingInput(
  inputs: ReferencedInputs,
  { series, rate }: RatedSeries,
): ForecastInput {
  return inputs.transform(trainingPart(series), {
    rate: rate && trainingPart(rate),
  });
}

/**
 * The forecaster for a series that is too short for all others.
 *
 * @param series The series.
 * @param options Horizon and quantiles, the forecaster asked for, and where to
 * say what is fallen back to.
 * @returns The last value with the spread of a random walk.
 * @throws {RangeError} If another forecaster was asked for.
 */
export function fallback(
  series: MetricSeries,
  options: CandidateSettings & { name: ForecastMethod },
): Candidate {
  const { name, notes, horizon, quantiles } = options;
  if (name !== "last_value") {
    throw new RangeError(`Cannot forecast with ${name}: ${notes.join("; ")}`);
  }
  notes.push(
    `${series.value.length} steps are too few to measure errors ${horizon} steps ahead: the last value is forecast, with the spread of a random walk`,
  );
  return {
    method: name,
    forecaster: randomWalkForecaster(series.value, { horizon, quantiles }),
    input: valuesAlone(series),
  };
}
