/**
 * The recursion of exponential smoothing with additive season and trend
 * (Holt-Winters), in state space form. With level l, trend b, season s of m
 * rows, damping φ and the one-step error `e = y - (l + φ b + s[t - m])`:
 *
 *     l ← l + φ b + α e     b ← φ b + β e     s[t] ← s[t - m] + γ e
 *
 * and h steps ahead `l + (φ + … + φ^h) b + s` of the last season known.
 *
 * Robustly, the states follow e only as far as k σ, so that one outage does not
 * become tomorrow's forecast. The size σ of errors follows them with
 *
 *     σ² ← (1 - λ) σ² + λ σ² ρ(e / σ),  ρ(x) = 2.52 (1 - (1 - x² / 4)³)
 *
 * for |x| <= 2 and 2.52 beyond, whose mean is 1 for normal errors.
 *
 * @see R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, Forecasting with
 * Exponential Smoothing: The State Space Approach (2008), chapters 2 and 5.
 * @see S. Gelper, R. Fried, C. Croux, Robust forecasting with exponential and
 * Holt-Winters smoothing (2010), section 3.
 *
 * @module
 */

/** How the trend goes on: not at all, as it is, or ever less. */
export type SmoothingTrend = "none" | "additive" | "damped";

/** How fast the states follow the errors. */
export type SmoothingParameters = {
  /** α, of the level, above 0 and below 1. */
  readonly level: number;
  /** β, of the trend, from 0 to α. */
  readonly trend: number;
  /** γ, of the season, from 0 to 1 - α. */
  readonly season: number;
  /** φ, what remains of the trend after a step, from 0 to 1. */
  readonly damping: number;
};

/** What the recursion knows after a row. */
export type SmoothingState = {
  /** The level. */
  readonly level: number;
  /** The trend, by row. */
  readonly trend: number;
  /** What the season adds to each of the next m rows, shape `(m)`. */
  readonly season: Float64Array;
  /** σ, the size of errors; 0 if none is known yet. @default {0} */
  readonly scale?: number;
};

/** Options for {@linkcode SmoothingRecursion}. */
export type SmoothingRecursionOptions = {
  /** k, how many σ of an error the states follow. @default {Infinity} */
  errorLimit?: number;
};

/** λ, by how much σ follows one error: over about 20. */
const SCALE_RATE = 0.05;
/** ρ is constant beyond so many σ, where it has this value. */
const BIWEIGHT = { width: 2, greatest: 2.52 };

/** The recursion, one value at a time. */
export class SmoothingRecursion {
  readonly #parameters: SmoothingParameters;
  readonly #errorLimit: number;
  readonly #season: Float64Array;
  #scale: number;
  #level: number;
  #trend: number;
  /** Where in the season the next row is. */
  #phase = 0;

  /**
   * Starts from a state.
   *
   * @param start The state before the first value.
   * @param parameters How fast the states follow the errors.
   * @param options How far they follow one error.
   */
  constructor(
    start: SmoothingState,
    parameters: SmoothingParameters,
    options: SmoothingRecursionOptions = {},
  ) {
    const { errorLimit = Infinity } = options;
    this.#parameters = parameters;
    this.#errorLimit = errorLimit;
    this.#scale = start.scale ?? 0;
    this.#season = start.season.slice();
    this.#level = start.level;
    this.#trend = start.trend;
  }

  /**
   * Takes the next value in.
   *
   * @param value The value.
   * @returns The error of its one-step forecast, `e`.
   */
  step(value: number): number {
    const { level, trend, season, damping } = this.#parameters;
    const phase = this.#phase;
    const dampedTrend = damping * this.#trend;
    const expected = this.#level + dampedTrend;
    const error = value - expected - this.#season[phase];
    const followed = this.#limited(error);
    this.#level = expected + level * followed;
    this.#trend = dampedTrend + trend * followed;
    this.#season[phase] += season * followed;
    this.#phase = phase + 1 === this.#season.length ? 0 : phase + 1;
    return error;
  }

  /**
   * Forecasts from the state reached.
   *
   * @param horizon Steps to forecast.
   * @returns The point forecasts, shape `(horizon)`.
   */
  ahead(horizon: number): Float64Array {
    const { damping } = this.#parameters;
    const season = this.#season;
    let trend = this.#trend;
    let level = this.#level;
    return Float64Array.from({ length: horizon }, (_, k) => {
      trend *= damping;
      level += trend;
      return level + season[(this.#phase + k) % season.length];
    });
  }

  /** As much of an error as the states follow; σ follows it besides. */
  #limited(error: number): number {
    if (this.#errorLimit === Infinity) return error;
    const scale = this.#scale;
    if (scale === 0) {
      this.#scale = Math.abs(error);
      return error;
    }
    const { width, greatest } = BIWEIGHT;
    const inside = Math.min((error / scale / width) ** 2, 1);
    const rho = greatest * (1 - (1 - inside) ** 3);
    this.#scale = scale * Math.sqrt(1 + SCALE_RATE * (rho - 1));
    const limit = this.#errorLimit * scale;
    return Math.min(Math.max(error, -limit), limit);
  }
}
