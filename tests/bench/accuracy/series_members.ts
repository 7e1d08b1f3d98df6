/**
 * Detectors of series as members of a hybrid, with their scores of a series
 * kept, so that many hybrids of the same members cost little.
 *
 * @module
 */

import { Autoencoder } from "lib/detect/autoencoder.ts";
import type { PointDetector, SeriesDetector } from "lib/detect/detector.ts";
import {
  HybridDetector,
  type HybridMember,
  type HybridOptions,
} from "lib/detect/hybrid.ts";
import { IsolationForest } from "lib/detect/isolation_forest.ts";
import { MahalanobisDetector } from "lib/detect/mahalanobis.ts";
import { NearestValues } from "lib/detect/nearest_values.ts";
import { OneClassSvm } from "lib/detect/one_class_svm.ts";
import { PrincipalComponents } from "lib/detect/principal_components.ts";
import { SeasonalResidual, seasonRows } from "lib/detect/seasonal_residual.ts";
import { WindowedDetector } from "lib/detect/windowed.ts";
import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
import type { Forecaster, ForecastInput } from "lib/forecast/forecaster.ts";
import { LstmForecaster } from "lib/forecast/lstm.ts";
import { SERIES_NETWORK } from "lib/forecast/network_settings.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { ForecastResiduals } from "lib/forecast_residuals.ts";
import { rollingQuantile } from "lib/logs/rolling.ts";
import type { Matrix } from "lib/numeric/matrix.ts";
import { WINDOW_SIZES } from "lib/series_hybrid.ts";
import { spectralResidual } from "./spectral_residual.ts";

/** What scores a whole series that it was fitted on, by name. */
export type Scorer = (
  value: Float64Array,
  stepMs: number,
) => Float64Array | Promise<Float64Array>;

const MEDIAN_ROWS = 61;
const SVM_NU = 0.05;
const DAY_MS = 86_400_000;
/** Two to start smoothing from, one to learn from. */
const DAYS_NEEDED = 3;
const NETWORK_ROWS = 24;
const NETWORK_UNITS = 16;

/** The members of the hybrid in use. */
export const MEMBERS: Readonly<Record<string, Scorer>> = {
  "value": (value) => NearestValues.fit(value).score(value),
  ...Object.fromEntries(
    WINDOW_SIZES.map((size) => [shapeName(size), shape(size)]),
  ),
};

/** Simple detectors to compare with. */
export const BASELINES: Readonly<Record<string, Scorer>> = {
  "rolling median (61, causal)": medianResidual,
  "Isolation Forest on the value": (value) => {
    const x = { data: value, rows: value.length, cols: 1 };
    return IsolationForest.fit(x).score(x);
  },
  "one-class SVM on the value": (value) => {
    const x = { data: unit(value), rows: value.length, cols: 1 };
    return OneClassSvm.fit(x, { nu: SVM_NU }).score(x);
  },
};

/** Members that were tried. */
export const TRIED: Readonly<Record<string, Scorer>> = {
  ...Object.fromEntries([24, 48].map((size) => [shapeName(size), shape(size)])),
  ...Object.fromEntries(
    [6, 12].flatMap((size) => [
      [`forest of ${size} steps`, windowedForest(size)],
      [`autoencoder of ${size} steps`, windowedAutoencoder(size)],
    ]),
  ),
  "PCA of 12 steps": windowed(
    12,
    (windows) => PrincipalComponents.fit(windows),
  ),
  "minor PCA of 12 steps": windowed(
    12,
    (windows) => PrincipalComponents.fit(windows, { scoreBy: "minor" }),
  ),
  "rolling median": (value) => SeasonalResidual.fit(value).score(value),
  "season": seasonal(false),
  "season, causal": seasonal(true),
  "smoothing residuals": forecastResiduals(smoothing),
  "LSTM residuals": forecastResiduals(network),
  "spectral residual": spectralResidual,
};

/**
 * The hybrid of members whose scores are known.
 *
 * @param scores Scores of the same n rows by the names of the members.
 * @param options As of {@linkcode HybridDetector.fit}.
 * @returns The hybrid's scores of these rows, shape `(n)`.
 */
export function hybridScores(
  scores: Readonly<Record<string, Float64Array>>,
  options: HybridOptions = {},
): Float64Array {
  const members = Object.entries(scores).map(([name, score]): HybridMember => ({
    name,
    detector: knownScores(score),
  }));
  const [{ length }] = Object.values(scores);
  const rows = new Float64Array(length);
  return HybridDetector.fit(rows, members, options).score(rows);
}

/**
 * The hybrid of some of the members whose scores are known.
 *
 * @param scores As of {@linkcode hybridScores}.
 * @param members Names of those that are taken.
 * @param spreadRows As of {@linkcode HybridDetector.fit}.
 * @returns The hybrid's scores, shape `(n)`.
 */
export function combined(
  scores: Readonly<Record<string, Float64Array>>,
  members: readonly string[],
  spreadRows: number,
): Float64Array {
  const taken = members.map((name) => [name, scores[name]]);
  return hybridScores(Object.fromEntries(taken), { spreadRows });
}

/** A detector that gives the same scores whatever it is asked. */
function knownScores(score: Float64Array): SeriesDetector {
  return {
    kind: "known",
    isCausal: false,
    minimumRows: 1,
    score: () => score.slice(),
    toJSON: () => ({}),
  };
}

function shapeName(size: number): string {
  return `shape of ${size} steps`;
}

function shape(windowSize: number): Scorer {
  return windowed(windowSize, (windows) => MahalanobisDetector.fit(windows));
}

function windowedForest(windowSize: number): Scorer {
  return windowed(windowSize, (windows) => IsolationForest.fit(windows));
}

function windowed(
  windowSize: number,
  fit: (windows: Matrix) => PointDetector,
): Scorer {
  return async (value) => {
    const detector = await WindowedDetector.fit(value, fit, { windowSize });
    return detector.score(value);
  };
}

function windowedAutoencoder(windowSize: number): Scorer {
  return async (value) => {
    const scaled = unit(value);
    const detector = await WindowedDetector.fit(
      scaled,
      // Half as many units as steps: it has to leave something out.
      (windows) => Autoencoder.fit(windows, { hidden: [windowSize / 2] }),
      { windowSize },
    );
    return detector.score(scaled);
  };
}

/** From the same time of the week, or of the day where that is all there is. */
function seasonal(isCausal: boolean): Scorer {
  return (value, stepMs) => {
    const period = seasonRows(stepMs, value.length) ?? 1;
    return SeasonalResidual.fit(value, { period, isCausal }).score(value);
  };
}

/** Fitted on the rows that it scores, as all members are. */
function forecastResiduals(
  fit: (
    train: ForecastInput,
    season: number,
  ) => Forecaster | Promise<Forecaster>,
): Scorer {
  return async (value, stepMs) => {
    const day = DAY_MS / stepMs;
    const isLong = Number.isInteger(day) && value.length >= DAYS_NEEDED * day;
    const detector = await ForecastResiduals.fit(
      value,
      (train) => fit(train, isLong ? day : 1),
    );
    const scores = detector.score(value);
    detector.dispose();
    return scores;
  };
}

function smoothing(train: ForecastInput, season: number): Forecaster {
  const base = ExponentialSmoothing.fit(train, { season });
  return ResidualQuantileForecaster.fit(base, train);
}

function network(train: ForecastInput): Promise<Forecaster> {
  return LstmForecaster.fit(train, {
    ...SERIES_NETWORK,
    windowLength: NETWORK_ROWS,
    quantiles: [0.1, 0.5, 0.9],
    units: NETWORK_UNITS,
  });
}

/** The distance from the median of the rows before. */
function medianResidual(value: Float64Array): Float64Array {
  const usual = rollingQuantile(value, 0.5, MEDIAN_ROWS);
  return value.map((each, row) => Math.abs(each - usual[row]));
}

/** Values from 0 to 1. */
function unit(value: Float64Array): Float64Array {
  const least = Math.min(...value);
  const width = Math.max(...value) - least || 1;
  return value.map((each) => (each - least) / width);
}
