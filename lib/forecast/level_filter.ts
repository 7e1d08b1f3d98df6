/**
 * A hidden level, such as how slow a service is, followed from step to step
 * through noisy observations, as a probability of each of a list of levels.
 *
 * From one step to the next the level drifts to a neighbour or stays, and now
 * and then jumps: up to any raised level, as incidents do, or back to the
 * usual. An observation multiplies by its likelihood (Bayes):
 *
 *     p(x_t) ∝ p(y_t | x_t) Σ p(x_t | x_(t-1)) p(x_(t-1))
 *
 * Because jumps are allowed but rare, the filter averages over many steps while
 * nothing happens and yet believes a jump within a few observations, where
 * exponential smoothing must choose between the two. Applied forwards without
 * observations, the same steps are the forecast: the probability that a limit
 * is exceeded within h steps is that of the first passage.
 *
 * @see G. Kitagawa, Non-Gaussian State-Space Modeling of Nonstationary Time
 * Series, Journal of the American Statistical Association 82 (1987).
 *
 * @module
 */

import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";

/** How a level moves in a step; columns have one row for each of m levels. */
export type LevelDynamics = {
  /** The levels, ascending, any unit. */
  readonly levels: Float64Array;
  /** Probability of a drift to the next level above. */
  readonly up: Float64Array;
  /** Probability of a drift to the next level below. */
  readonly down: Float64Array;
  /** Probability of each level where nothing is wrong; sums to 1. */
  readonly usual: Float64Array;
  /** Probability of each level after a jump up; sums to 1. */
  readonly raised: Float64Array;
  /** Probability of a jump up in a step. */
  readonly raiseRate: number;
  /** Probability of a jump back to the usual in a step. */
  readonly returnRate: number;
};

/** How often a level jumps. */
export type JumpRates = {
  /** Probability of a jump up in a step, 0 to 1. */
  readonly raiseRate: number;
  /** Probability of a jump back in a step; both together at most 1. */
  readonly returnRate: number;
};

/** What of a level is usual: an Ornstein–Uhlenbeck process. */
export type UsualDrift = {
  /** Its standard deviation, in the unit of the levels, above 0. */
  readonly deviation: number;
  /** Steps after which its correlation is 1 / e, above 0. */
  readonly memory: number;
};

const ACTION = "follow a level";

/**
 * Levels at an even distance that usually drift about 0,
 * `x' = φ x + σ √(1 - φ²) z` with `φ = exp(-1 / memory)`. Drifts to neighbours
 * have the mean and variance of x' as far as one step reaches.
 *
 * @param levels At least two levels at an even distance, ascending, some above
 * 0.
 * @param drift What is usual.
 * @param rates How often the level jumps; a jump up leads to any level above 0
 * alike.
 * @returns The dynamics.
 * @throws {RangeError} If a number is out of range.
 */
export function driftingLevels(
  levels: Float64Array,
  drift: UsualDrift,
  rates: JumpRates,
): LevelDynamics {
  const { deviation, memory } = drift;
  const positive = { minimum: 0, exclusive: true };
  checkNumber(levels.length, "the number of levels", ACTION, { minimum: 2 });
  checkNumber(deviation, "deviation", ACTION, positive);
  checkNumber(memory, "memory", ACTION, positive);
  const step = levels[1] - levels[0];
  const phi = Math.exp(-1 / memory);
  const variance = (1 - phi * phi) * (deviation / step) ** 2;
  const last = levels.length - 1;
  const move = (sign: 1 | -1) =>
    levels.map((level, i) => {
      if (i === (sign > 0 ? last : 0)) return 0;
      const mean = (phi - 1) * level / step;
      const spread = Math.min(Math.max(variance, Math.abs(mean)), 1);
      return (spread + sign * Math.max(-1, Math.min(mean, 1))) / 2;
    });
  return checkDynamics({
    levels,
    up: move(1),
    down: move(-1),
    usual: shares(levels.map((x) => Math.exp(-((x / deviation) ** 2) / 2))),
    raised: shares(levels.map((x) => x > 0 ? 1 : 0)),
    ...rates,
  });
}

/**
 * Levels of which the first is usual and the others are reached by jumps alone,
 * each of them alike.
 *
 * @param levels At least two levels, ascending.
 * @param rates How often the level jumps.
 * @returns The dynamics.
 * @throws {RangeError} If a number is out of range.
 */
export function jumpingLevels(
  levels: Float64Array,
  rates: JumpRates,
): LevelDynamics {
  checkNumber(levels.length, "the number of levels", ACTION, { minimum: 2 });
  const still = new Float64Array(levels.length);
  return checkDynamics({
    levels,
    up: still,
    down: still,
    usual: levels.map((_, i) => i === 0 ? 1 : 0),
    raised: shares(levels.map((_, i) => i === 0 ? 0 : 1)),
    ...rates,
  });
}

/** The probabilities of a level, step by step. */
export class LevelFilter {
  /** How the level moves. */
  readonly dynamics: LevelDynamics;
  #probability: Float64Array;
  #next: Float64Array;

  /**
   * Begins where nothing is wrong.
   *
   * @param dynamics How the level moves.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { jumpingLevels, LevelFilter } from "lib/forecast/level_filter.ts";
   *
   * const rates = { raiseRate: 0.1, returnRate: 0 };
   * const filter = new LevelFilter(jumpingLevels(Float64Array.of(0, 1), rates));
   * filter.advance();
   * assert.deepEqual([...filter.probability], [0.9, 0.1]);
   * // Nine times as likely at level 1.
   * filter.observe(Float64Array.of(0.1, 0.9));
   * assert.ok(Math.abs(filter.mean() - 0.5) < 1e-12);
   * ```
   */
  constructor(dynamics: LevelDynamics) {
    this.dynamics = dynamics;
    this.#probability = dynamics.usual.slice();
    this.#next = new Float64Array(dynamics.levels.length);
  }

  /** The probability of each level now, shape `(m)`; valid until the next
   * step. */
  get probability(): Float64Array {
    return this.#probability;
  }

  /** Goes on by a step. */
  advance(): void {
    const { up, down, usual, raised, raiseRate, returnRate } = this.dynamics;
    const [from, to] = [this.#probability, this.#next];
    const last = from.length - 1;
    const drifting = 1 - raiseRate - returnRate;
    for (let i = 0; i <= last; i++) {
      let sum = from[i] * (1 - up[i] - down[i]);
      if (i > 0) sum += from[i - 1] * up[i - 1];
      if (i < last) sum += from[i + 1] * down[i + 1];
      to[i] = drifting * sum + raiseRate * raised[i] + returnRate * usual[i];
    }
    [this.#probability, this.#next] = [to, from];
  }

  /**
   * Takes an observation into account.
   *
   * @param likelihood Its likelihood at each level, shape `(m)`, >= 0, not all
   * 0.
   * @returns The logarithm of its likelihood before it was known.
   * @throws {RangeError} If it is impossible at every level.
   */
  observe(likelihood: Float64Array): number {
    const p = this.#probability;
    let sum = 0;
    for (let i = 0; i < p.length; i++) sum += p[i] *= likelihood[i];
    if (!(sum > 0)) {
      throw new RangeError(
        `Cannot ${ACTION}: an observation has likelihood ${sum}, expected it above 0`,
      );
    }
    const scale = 1 / sum;
    for (let i = 0; i < p.length; i++) p[i] *= scale;
    return Math.log(sum);
  }

  /** The mean of the level now. */
  mean(): number {
    return this.expect(this.dynamics.levels);
  }

  /**
   * The mean of something that depends on the level.
   *
   * @param values Its value at each level, shape `(m)`.
   * @returns Its mean over the probabilities now.
   */
  expect(values: Float64Array): number {
    const p = this.#probability;
    let sum = 0;
    for (let i = 0; i < p.length; i++) sum += p[i] * values[i];
    return sum;
  }
}

/**
 * The probability that a level exceeds a limit within the next steps, from each
 * level that it may be at now.
 *
 * @param dynamics How the level moves.
 * @param limit The limit, in the unit of the levels.
 * @param horizon Steps, at least 1.
 * @returns For 1, 2 … `horizon` steps the probabilities, shape `(m)` each.
 * @throws {RangeError} If `limit` is not a number or `horizon` is not a whole
 * number >= 1.
 */
export function passageProbabilities(
  dynamics: LevelDynamics,
  limit: number,
  horizon: number,
): Float64Array[] {
  if (Number.isNaN(limit)) {
    throw new RangeError(`Cannot ${ACTION}: limit is NaN, expected a number`);
  }
  checkNumber(horizon, "horizon", ACTION, { minimum: 1, integer: true });
  const { levels } = dynamics;
  const within: Float64Array[] = [];
  for (let k = 0; k < horizon; k++) {
    // A step leads above the limit, or to where the steps left must do it.
    const left = levels.map((level, i) =>
      level > limit ? 1 : k > 0 ? within[k - 1][i] : 0
    );
    within.push(afterStep(dynamics, left));
  }
  return within;
}

/** The mean after a step of what depends on the level, from each level now. */
function afterStep(
  dynamics: LevelDynamics,
  values: Float64Array,
): Float64Array {
  const { up, down, usual, raised, raiseRate, returnRate } = dynamics;
  const mean = (shares: Float64Array) =>
    shares.reduce((sum, share, i) => sum + share * values[i], 0);
  const jumped = raiseRate * mean(raised) + returnRate * mean(usual);
  const drifting = 1 - raiseRate - returnRate;
  return values.map((value, i) =>
    jumped + drifting * (
        value * (1 - up[i] - down[i]) +
        (up[i] > 0 ? up[i] * values[i + 1] : 0) +
        (down[i] > 0 ? down[i] * values[i - 1] : 0)
      )
  );
}

function shares(weights: Float64Array): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function checkDynamics(dynamics: LevelDynamics): LevelDynamics {
  const { levels, usual, raised, raiseRate, returnRate } = dynamics;
  const share = { minimum: 0, maximum: 1 };
  for (const column of [levels, usual, raised]) {
    checkLength(column.length, levels.length, "a column", ACTION);
    checkValues(column, "levels", ACTION);
  }
  checkNumber(raiseRate, "raiseRate", ACTION, share);
  checkNumber(returnRate, "returnRate", ACTION, share);
  checkNumber(raiseRate + returnRate, "raiseRate + returnRate", ACTION, share);
  return dynamics;
}
