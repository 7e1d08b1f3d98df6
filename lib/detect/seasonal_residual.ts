/**
 * How far a value is from the median of those one, two, three … seasons away:
 * the same hour of other days, or of other weeks. With a period of one row the
 * seasons are rows, and it is the distance from a rolling median. A row has no
 * say in its own median, and medians bear outliers in up to half of the
 * seasons. Distances are in usual ones: those of training rows, by their
 * median absolute deviation.
 *
 * @see J. Hochenbaum, O. S. Vallis, A. Kejariwal, Automatic Anomaly Detection
 * in the Cloud Via Statistical Learning (2017), on seasonal residuals with
 * median and MAD.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import {
  readBoolean,
  readNumber,
  readObject,
  readText,
} from "../numeric/json_fields.ts";
import {
  MAD_TO_SIGMA,
  mean,
  median,
  medianAbsoluteDeviation,
} from "../numeric/statistics.ts";
import type { ModelJson, SeriesDetector } from "./detector.ts";

/** Options for {@linkcode SeasonalResidual.fit}. */
export type SeasonalResidualOptions = {
  /** Rows in a season, such as 168 for weeks of hours; 1 for a rolling median.
   * @default {1} */
  period?: number;
  /** Seasons that a median is taken of: those just before, or half of them
   * before and half after. @default {period === 1 ? 60 : 8} */
  seasons?: number;
  /** Whether medians are of earlier rows alone. @default {false} */
  isCausal?: boolean;
};

const KIND = "seasonal_residual";
const ACTION = "fit SeasonalResidual";
const MEDIAN_ROWS = 60;
const MEDIAN_SEASONS = 8;
const SEASONS_NEEDED = 3;
const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
const MOST_ROWS = 1e7;

type Setting = { period: number; seasons: number; isCausal: boolean };

/** A fitted detector. */
export class SeasonalResidual implements SeriesDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** Whether medians are of earlier rows alone. */
  readonly isCausal: boolean;
  /** The least number of rows that it scores. */
  readonly minimumRows: number = 1;
  /** Rows in a season. */
  readonly period: number;
  /** Seasons that a median is taken of. */
  readonly seasons: number;
  /** The usual distance from the median, above 0. */
  readonly #scale: number;

  private constructor(setting: Setting, scale: number) {
    this.period = setting.period;
    this.seasons = setting.seasons;
    this.isCausal = setting.isCausal;
    this.#scale = scale;
  }

  /**
   * Measures how far training values usually are from their medians.
   *
   * @param values Training values at a regular step, shape `(n)`, more than
   * `period`.
   * @param options The season, and where medians are taken.
   * @returns The fitted detector.
   * @throws {RangeError} If there are not more values than rows in a season,
   * one is not finite, or an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { SeasonalResidual } from "lib/detect/seasonal_residual.ts";
   *
   * // 2 is a usual value, but never the second of three.
   * const values = Float64Array.of(1, 5, 2, 1, 5, 2, 1, 2, 2, 1, 5, 2);
   * const scores = SeasonalResidual.fit(values, { period: 3 }).score(values);
   * assert.equal(scores.indexOf(Math.max(...scores)), 7);
   * ```
   */
  static fit(
    values: Float64Array,
    options: SeasonalResidualOptions = {},
  ): SeasonalResidual {
    const { period = 1, isCausal = false } = options;
    const { seasons = period === 1 ? MEDIAN_ROWS : MEDIAN_SEASONS } = options;
    const size = { minimum: 1, maximum: MOST_ROWS, integer: true };
    checkNumber(period, "period", ACTION, size);
    checkNumber(seasons, "seasons", ACTION, size);
    checkValues(values, "values", ACTION);
    checkNumber(values.length, "the number of values", ACTION, {
      minimum: period + 1,
    });
    const setting = { period, seasons, isCausal };
    // Rows of the first season have no median before them: they tell nothing.
    const residuals = residualsOf(values, setting)
      .slice(isCausal ? period : 0);
    return new SeasonalResidual(setting, scaleOf(residuals));
  }

  /**
   * Scores the rows of a series.
   *
   * @param values Values at a regular step, shape `(n)`.
   * @returns Distances from the median, in usual ones, shape `(n)`; 0 where
   * there is no row to take a median of, as in the first season of a causal
   * detector.
   * @throws {RangeError} If there are none or one is not finite.
   */
  score(values: Float64Array): Float64Array {
    checkValues(values, "values", "score with SeasonalResidual");
    return residualsOf(values, this).map((residual) =>
      Math.min(Math.abs(residual) / this.#scale, Number.MAX_VALUE)
    );
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode SeasonalResidual.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    const { kind, period, seasons, isCausal } = this;
    return { kind, period, seasons, isCausal, scale: this.#scale };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode SeasonalResidual.toJSON} gives.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): SeasonalResidual {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const size = { minimum: 1, maximum: MOST_ROWS, integer: true };
    const setting = {
      period: readNumber(object, "period", size),
      seasons: readNumber(object, "seasons", size),
      isCausal: readBoolean(object, "isCausal"),
    };
    const scale = readNumber(object, "scale", { minimum: Number.MIN_VALUE });
    return new SeasonalResidual(setting, scale);
  }
}

/**
 * The longest season that a series is long enough for: a week of steps, or
 * else a day, with at least three of them.
 *
 * @param stepMs The step of the series in milliseconds, above 0.
 * @param rows How many rows it has.
 * @returns Rows in a season; undefined if there are too few rows, or if no
 * whole number of steps makes a day.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { seasonRows } from "lib/detect/seasonal_residual.ts";
 *
 * assert.equal(seasonRows(3_600_000, 24 * 30), 168);
 * assert.equal(seasonRows(3_600_000, 24 * 5), 24);
 * assert.equal(seasonRows(3_600_000, 24 * 2), undefined);
 * ```
 */
export function seasonRows(stepMs: number, rows: number): number | undefined {
  const day = DAY_MS / stepMs;
  return [WEEK_DAYS * day, day].find((period) =>
    Number.isInteger(period) && period > 1 && rows >= SEASONS_NEEDED * period
  );
}

/** Value less median; 0 where there is nothing to take a median of. */
function residualsOf(values: Float64Array, setting: Setting): Float64Array {
  const { period, seasons, isCausal } = setting;
  const [before, after] = isCausal
    ? [seasons, 0]
    : [Math.ceil(seasons / 2), Math.floor(seasons / 2)];
  return values.map((value, row) => {
    const others: number[] = [];
    const first = Math.max(row - before * period, row % period);
    const end = Math.min(row + after * period, values.length - 1);
    for (let i = first; i <= end; i += period) {
      if (i !== row) others.push(values[i]);
    }
    if (others.length === 0) return 0;
    return value - median(Float64Array.from(others));
  });
}

/** The standard deviation that the residuals would have if they were normal. */
function scaleOf(residuals: Float64Array): number {
  const finite = residuals.filter(Number.isFinite);
  if (finite.length === 0) return Number.MAX_VALUE;
  const spread = MAD_TO_SIGMA * medianAbsoluteDeviation(finite) ||
    // More than half of the residuals are alike: what the others are.
    mean(finite.map(Math.abs)) ||
    // All are: then any other value is far away.
    Number.MIN_VALUE * 2 ** 500;
  return Math.min(spread, Number.MAX_VALUE);
}
