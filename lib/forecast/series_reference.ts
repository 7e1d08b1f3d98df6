/**
 * A first guess for the next steps of a series, and how far off it may be:
 * what is left is about the same for series of any level, scale and season,
 * so that one network can learn it from many of them.
 *
 * The value is taken to an inverse hyperbolic sine, `asinh(y / width)`, which
 * is linear near 0 and a logarithm of large values. On that scale a few simple
 * forecasts are mixed, each weighted by the power -6 of its mean error of
 * late: a fast and a slow level, the value one season ago, the median of the
 * same time in five seasons, that median moved by how much the level has
 * changed since, a level for each time of the season and of seven seasons (the
 * days of a week), and the slow level with the usual swing from it at those
 * times. Levels and errors are exponentially weighted means that limit
 * each new value, so that an outlier moves them little. All at row i is made
 * from rows up to i.
 *
 * @see J. M. Bates, C. W. J. Granger, The Combination of Forecasts (1969).
 * @see S. Gelper, R. Fried, C. Croux, Robust Forecasting with Exponential and
 * Holt-Winters Smoothing (2010).
 * @see S. Smyl, A hybrid method of exponential smoothing and recurrent neural
 * networks for time series forecasting (2020).
 *
 * @module
 */

import type { MetricSeries } from "../logs/request_log.ts";
import { median } from "../numeric/statistics.ts";
import type { ForecastReference } from "./forecaster.ts";

/** The size of a series, from its training rows. */
export type SeriesScale = {
  /** Where the inverse hyperbolic sine turns from linear to logarithmic, in
   * the unit of the series, above 0. */
  readonly width: number;
  /** The median after the inverse hyperbolic sine. */
  readonly middle: number;
  /** The mean distance from it, above 0. */
  readonly deviation: number;
  /** The least and the greatest value that a forecast may give, in the unit of
   * the series: a logarithm's undoing knows no bounds by itself. */
  readonly bounds: readonly [number, number];
};

/** Options for {@linkcode seriesReference}. */
export type SeriesReferenceOptions = {
  /** The scale, from training rows. */
  readonly scale: SeriesScale;
  /** Steps of a season; 1 for none. */
  readonly season: number;
  /** Steps ahead. */
  readonly horizon: number;
};

/** A reference, and what it knows of the series at each row, shape `(n)`. */
export type SeriesReference = ForecastReference & {
  /** A level that follows in a few steps. */
  readonly fast: Float64Array;
  /** A level that follows in some tens of steps. */
  readonly slow: Float64Array;
  /** The value less its guess one step before. */
  readonly innovation: Float64Array;
  /** The usual error of that guess, above 0. */
  readonly innovationSpread: Float64Array;
  /** How far the mixed forecasts lie apart, half the horizon ahead. */
  readonly disagreement: Float64Array;
};

const FAST_RATE = 0.5;
const SLOW_RATE = 0.1;
const LEVEL_LIMIT = 2;
const SEASONS = 5;
/** Seasons of a longer one. */
const WEEK = 7;
/** Rates, limits and the power were chosen together, by the mean absolute error
 * of the guess on series of other kinds than are judged. */
const PROFILE_RATE = 0.08;
const WEEK_RATE = 0.2;
const EXPERT_RATE = 0.05;
const EXPERT_POWER = 6;
const EXPERT_LIMIT = 6;
const SPREAD_RATE = 0.03;
const SPREAD_LIMIT = 4;
const SEASONAL_LIMIT = 10;
/** Share of the series' deviation that no spread falls below. */
const LEAST_SPREAD = 0.05;
const TINY = 1e-9;
/** Beyond this the hyperbolic sine nears the largest double. */
const FURTHEST = 300;

/**
 * Measures a series.
 *
 * @param value The training rows, shape `(n)`, n >= 1.
 * @returns Its scale.
 */
export function seriesScaleOf(value: Float64Array): SeriesScale {
  const sizes = value.map(Math.abs);
  const meanSize = sizes.reduce((sum, size) => sum + size / sizes.length, 0);
  const width = Math.max(median(sizes), LEAST_WIDTH * meanSize) || 1;
  const scaled = value.map((y) => Math.asinh(y / width));
  const middle = median(scaled);
  const deviation = scaled.reduce(
    (sum, z) => sum + Math.abs(z - middle) / scaled.length,
    0,
  );
  return {
    width,
    middle,
    deviation: deviation > TINY ? deviation : 1,
    bounds: boundsOf(value),
  };
}

/** Share of the mean size that the width does not fall below. */
const LEAST_WIDTH = 0.3;
/** Ranges of the training rows that forecasts may go beyond them. */
const BOUND_RANGES = 3;

function boundsOf(value: Float64Array): [number, number] {
  const least = value.reduce((a, b) => Math.min(a, b));
  const greatest = value.reduce((a, b) => Math.max(a, b));
  // Values that all are equal may still grow to a multiple of their size.
  const range = greatest - least || Math.abs(greatest) || 1;
  const largest = Number.MAX_VALUE;
  return [
    Math.max(least - BOUND_RANGES * range, -largest),
    Math.min(greatest + BOUND_RANGES * range, largest),
  ];
}

/**
 * Makes the reference of a series.
 *
 * @param series The steps, n of them.
 * @param options The scale, the season and the horizon.
 * @returns Guesses and spreads for each row and step ahead.
 */
export function seriesReference(
  series: MetricSeries,
  options: SeriesReferenceOptions,
): SeriesReference {
  const mixture = new Mixture(series, options);
  for (let row = 0; row < series.value.length; row++) mixture.observe(row);
  const { width, middle, bounds } = options.scale;
  const [least, greatest] = bounds;
  return {
    ...mixture,
    horizon: options.horizon,
    toUnit: (z) => {
      const value = width *
        Math.sinh(Math.min(Math.max(z + middle, -FURTHEST), FURTHEST));
      return Math.min(Math.max(value, least), greatest);
    },
  };
}

/** The mixture of forecasts, row after row. */
class Mixture {
  readonly value: Float64Array;
  readonly center: Float64Array;
  readonly spread: Float64Array;
  readonly fast: Float64Array;
  readonly slow: Float64Array;
  readonly innovation: Float64Array;
  readonly innovationSpread: Float64Array;
  readonly disagreement: Float64Array;
  readonly #observed: Uint8Array;
  readonly #season: number;
  readonly #horizon: number;
  readonly #deviation: number;
  /** The slow level at the same time of earlier seasons. */
  readonly #slowBefore: Float64Array;
  /** The mean error of all guesses for a row. */
  readonly #rowError: Float64Array;
  readonly #fastLevel: RobustLevel;
  readonly #slowLevel: RobustLevel;
  /** Mean error of expert a at step k, at `(k - 1) * experts + a`. */
  readonly #expertError: Float64Array;
  /** Mean error of the mixture at each step. */
  readonly #stepError: Float64Array;
  readonly #guesses: Float64Array;
  readonly #medians: Float64Array;
  readonly #profile: SeasonalProfile;
  readonly #swing: SeasonalProfile;
  readonly #weekProfile: SeasonalProfile;
  readonly #weekSwing: SeasonalProfile;

  constructor(series: MetricSeries, options: SeriesReferenceOptions) {
    const { scale, season, horizon } = options;
    const rows = series.value.length;
    this.value = series.value.map((y) =>
      Math.asinh(y / scale.width) - scale.middle
    );
    this.center = new Float64Array(rows * horizon);
    this.spread = new Float64Array(rows * horizon);
    this.fast = new Float64Array(rows);
    this.slow = new Float64Array(rows);
    this.innovation = new Float64Array(rows);
    this.innovationSpread = new Float64Array(rows);
    this.disagreement = new Float64Array(rows);
    this.#observed = series.observed;
    this.#season = season;
    this.#horizon = horizon;
    this.#deviation = scale.deviation;
    this.#slowBefore = new Float64Array(rows);
    this.#rowError = new Float64Array(rows);
    this.#fastLevel = new RobustLevel(FAST_RATE, scale.deviation);
    this.#slowLevel = new RobustLevel(SLOW_RATE, scale.deviation);
    const experts = season > 1 ? 9 : 2;
    this.#guesses = new Float64Array(experts);
    this.#expertError = new Float64Array(horizon * experts)
      .fill(scale.deviation);
    this.#stepError = new Float64Array(horizon).fill(scale.deviation);
    this.#profile = new SeasonalProfile(season, PROFILE_RATE);
    this.#swing = new SeasonalProfile(season, PROFILE_RATE);
    this.#weekProfile = new SeasonalProfile(WEEK * season, WEEK_RATE);
    this.#weekSwing = new SeasonalProfile(WEEK * season, WEEK_RATE);
    this.#medians = new Float64Array(rows + horizon).fill(NaN);
  }

  /** Takes note of a row and guesses the next ones. */
  observe(row: number): void {
    const { value, fast, slow, center } = this;
    const guessed = row > 0 ? center[(row - 1) * this.#horizon] : 0;
    if (this.#observed[row]) {
      this.innovation[row] = value[row] - guessed;
      fast[row] = this.#fastLevel.next(value[row]);
      slow[row] = this.#slowLevel.next(value[row]);
      this.#learn(row);
      const limit = LEVEL_LIMIT * meanOf(this.#stepError);
      this.#profile.next(row, value[row], limit);
      this.#swing.next(row, value[row] - slow[row], limit);
      this.#weekProfile.next(row, value[row], limit);
      this.#weekSwing.next(row, value[row] - slow[row], limit);
    } else {
      // What was carried forward tells nothing; the guess knows the season.
      value[row] = guessed;
      fast[row] = this.#fastLevel.value;
      slow[row] = this.#slowLevel.value;
      if (row > 0) this.#rowError[row] = this.#rowError[row - 1];
    }
    this.#slowBefore[row] = this.#meanBefore(slow, row) ?? slow[row];
    this.#guess(row);
  }

  /** Measures the guesses that were made for a row. */
  #learn(row: number): void {
    const experts = this.#guesses.length;
    const steps = Math.min(this.#horizon, row);
    const limit = EXPERT_LIMIT * meanOf(this.#stepError);
    const least = TINY * this.#deviation;
    let sum = 0;
    for (let step = 1; step <= steps; step++) {
      const origin = row - step;
      const actual = this.value[row];
      this.#guessAll(origin, step);
      for (let a = 0; a < experts; a++) {
        const at = (step - 1) * experts + a;
        const error = Math.min(Math.abs(actual - this.#guesses[a]), limit);
        this.#expertError[at] += EXPERT_RATE * (error - this.#expertError[at]);
      }
      const usual = this.#stepError[step - 1];
      const error = Math.abs(
        actual - this.center[origin * this.#horizon + step - 1],
      );
      sum += Math.min(error, SEASONAL_LIMIT * usual);
      const change = Math.min(error, SPREAD_LIMIT * usual) - usual;
      this.#stepError[step - 1] = Math.max(
        usual + SPREAD_RATE * change,
        least,
      );
    }
    this.#rowError[row] = steps > 0 ? sum / steps : this.#deviation;
  }

  /** Mixes the forecasts from a row. */
  #guess(row: number): void {
    const horizon = this.#horizon;
    const experts = this.#guesses.length;
    const floor = LEAST_SPREAD * this.#deviation;
    const meanErrors = this.#meanExpertErrors();
    const middleStep = Math.floor(horizon / 2) + 1;
    this.innovationSpread[row] = this.#stepError[0] + floor;
    for (let step = 1; step <= horizon; step++) {
      this.#guessAll(row, step);
      const errors = meanErrors.map((mean, a) =>
        (mean + this.#expertError[(step - 1) * experts + a]) / 2 + floor
      );
      const at = row * horizon + step - 1;
      this.center[at] = weighted(this.#guesses, errors);
      const own = this.#stepError[step - 1] + floor;
      const seasonal = this.#season > 1
        ? this.#meanBefore(this.#rowError, row + step, row)
        : undefined;
      this.spread[at] = seasonal === undefined ? own : (own + seasonal) / 2;
      if (step === Math.min(middleStep, horizon)) {
        this.disagreement[row] = deviationOf(this.#guesses);
      }
    }
  }

  #meanExpertErrors(): Float64Array {
    const experts = this.#guesses.length;
    const means = new Float64Array(experts);
    this.#expertError.forEach((error, at) =>
      means[at % experts] += error / this.#horizon
    );
    return means;
  }

  /** Every expert's forecast, from a row, some steps ahead. */
  #guessAll(origin: number, step: number): void {
    const guesses = this.#guesses;
    const slow = this.slow[origin];
    guesses[0] = this.fast[origin];
    guesses[1] = slow;
    if (guesses.length === 2) return;
    const back = this.#season * Math.ceil(step / this.#season);
    const before = origin + step - back;
    if (before < 0) {
      guesses.fill(slow, 2);
      return;
    }
    const middle = this.#seasonalMedian(origin + step, back);
    guesses[2] = this.value[before];
    guesses[3] = middle;
    guesses[4] = middle + slow - this.#slowBefore[origin];
    guesses[5] = this.#profile.at(origin + step) ?? middle;
    guesses[6] = slow + (this.#swing.at(origin + step) ?? middle - slow);
    guesses[7] = this.#weekProfile.at(origin + step) ?? guesses[5];
    const swing = this.#weekSwing.at(origin + step);
    guesses[8] = swing === undefined ? guesses[6] : slow + swing;
  }

  /** The median of the values at the same time of up to five seasons. */
  #seasonalMedian(row: number, back: number): number {
    const isCached = back === this.#season;
    if (isCached && !Number.isNaN(this.#medians[row])) {
      return this.#medians[row];
    }
    const values: number[] = [];
    for (let m = 0; m < SEASONS; m++) {
      const before = row - back - m * this.#season;
      if (before < 0) break;
      values.push(this.value[before]);
    }
    const middle = median(Float64Array.from(values));
    if (isCached) this.#medians[row] = middle;
    return middle;
  }

  /** The mean at the same time of up to five seasons before a row, of those up
   * to `last`; undefined where there is none. */
  #meanBefore(
    values: Float64Array,
    row: number,
    last = row,
  ): number | undefined {
    const back = this.#season *
      Math.max(1, Math.ceil((row - last) / this.#season));
    let sum = 0;
    let count = 0;
    for (let m = 0; m < SEASONS; m++) {
      const before = row - back - m * this.#season;
      if (before < 0) break;
      sum += values[before];
      count++;
    }
    return count > 0 ? sum / count : undefined;
  }
}

/** A level that follows its series by a share of each difference, no further
 * than some times the usual one. */
class RobustLevel {
  value = 0;
  readonly #rate: number;
  readonly #least: number;
  #usual: number;

  constructor(rate: number, deviation: number) {
    this.#rate = rate;
    this.#usual = deviation;
    this.#least = TINY * deviation;
  }

  next(observed: number): number {
    const limit = LEVEL_LIMIT * this.#usual;
    const difference = observed - this.value;
    const size = Math.min(Math.abs(difference), limit);
    this.value += this.#rate * Math.sign(difference) * size;
    // A little more than what was seen, so that a new level is soon believed.
    this.#usual += this.#rate / 2 * (1.1 * size - this.#usual);
    this.#usual = Math.max(this.#usual, this.#least);
    return this.value;
  }
}

/** A level for each step of a season. */
class SeasonalProfile {
  readonly #rate: number;
  readonly #levels: Float64Array;
  readonly #counts: Uint32Array;

  constructor(season: number, rate: number) {
    this.#rate = rate;
    this.#levels = new Float64Array(season);
    this.#counts = new Uint32Array(season);
  }

  at(row: number): number | undefined {
    const phase = row % this.#levels.length;
    return this.#counts[phase] > 0 ? this.#levels[phase] : undefined;
  }

  next(row: number, value: number, limit: number): void {
    const phase = row % this.#levels.length;
    const count = this.#counts[phase]++;
    const difference = value - this.#levels[phase];
    // At first the mean of what came, then an exponential one.
    const rate = Math.max(this.#rate, 1 / (count + 1));
    this.#levels[phase] += rate *
      (count === 0
        ? difference
        : Math.min(Math.max(difference, -limit), limit));
  }
}

/** The mean weighted by errors to the power of -6. */
function weighted(guesses: Float64Array, errors: Float64Array): number {
  const least = errors.reduce((a, b) => Math.min(a, b));
  let sum = 0;
  let weights = 0;
  for (let a = 0; a < guesses.length; a++) {
    const weight = (least / errors[a]) ** EXPERT_POWER;
    sum += weight * guesses[a];
    weights += weight;
  }
  return sum / weights;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function deviationOf(values: Float64Array): number {
  const center = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - center) ** 2;
  return Math.sqrt(sum / values.length);
}
