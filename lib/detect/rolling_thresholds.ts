/**
 * Two simple thresholds that follow a stream of scores: the quantile of the last
 * ones, and a band around their exponentially weighted mean. Both are set by the
 * alarms that a person can bear.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { quantileSorted } from "../numeric/statistics.ts";
import { SortedWindow } from "../numeric/sorted_window.ts";
import {
  AdaptiveThreshold,
  type AlarmOptions,
  alarmShare,
  type Baseline,
} from "./adaptive_threshold.ts";

/** Options for {@linkcode rollingQuantileThreshold}. */
export type RollingQuantileOptions = AlarmOptions & {
  /** Scores in the baseline, an integer >= 1. @default What two alarms take,
   * from 2,000 to 50,000 */
  windowSize?: number;
};

/** Options for {@linkcode ewmaThreshold}. */
export type EwmaOptions = AlarmOptions & {
  /** Scores over which the weights add up to 86 %, the weight of the newest
   * being `2 / (span + 1)`; an integer >= 1. @default {500} */
  span?: number;
  /** Scores that set how many deviations wide it is, an integer >= 1. @default
   * What two alarms take, from 2,000 to 50,000 */
  windowSize?: number;
};

/**
 * A threshold at a quantile of the last scores. It knows no score beyond those
 * it has seen: while they are n, fewer than one alarm takes, it is the largest of
 * them and flags one of n + 1, more often than asked for.
 *
 * @param options The rate of alarms and how far back it looks.
 * @returns The threshold, without scores.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { rollingQuantileThreshold } from "lib/detect/rolling_thresholds.ts";
 *
 * const threshold = rollingQuantileThreshold({ warmUp: 3 });
 * for (const score of [1, 3, 2]) threshold.update(score);
 * assert.equal(threshold.threshold, 3);
 * assert.equal(threshold.update(4), true);
 * ```
 */
export function rollingQuantileThreshold(
  options: RollingQuantileOptions = {},
): AdaptiveThreshold {
  const share = alarmShare(options);
  const { windowSize = usualWindow(share) } = options;
  const baseline = new QuantileBaseline(share, windowSize);
  return new AdaptiveThreshold(baseline, options);
}

/**
 * A threshold some standard deviations above the mean, both exponentially
 * weighted. How many is the quantile of the last scores' distances, each taken
 * before the score was known, so that no distribution has to be assumed. It
 * flags nothing before it knows 21 scores.
 *
 * @param options The rate of alarms, the span and the window.
 * @returns The threshold, without scores.
 * @throws {RangeError} If an option is out of range.
 * @see S. W. Roberts, Control Chart Tests Based on Geometric Moving Averages
 * (1959).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { ewmaThreshold } from "lib/detect/rolling_thresholds.ts";
 *
 * const threshold = ewmaThreshold({ stepMs: 300_000 });
 * for (let k = 0; k < 300; k++) threshold.update(k % 7);
 * assert.equal(threshold.update(6), false);
 * assert.equal(threshold.update(60), true);
 * ```
 */
export function ewmaThreshold(options: EwmaOptions = {}): AdaptiveThreshold {
  const share = alarmShare(options);
  const { span = 500, windowSize = usualWindow(share) } = options;
  checkNumber(span, "span", "set an EWMA threshold", {
    ...{ minimum: 1, integer: true },
  });
  const widths = new QuantileBaseline(share, windowSize);
  return new AdaptiveThreshold(new EwmaBaseline(widths, span), options);
}

/**
 * The least value that at most a share of further values exceed, if they come
 * in any order with these; the largest if there are too few to say.
 *
 * @param sorted Values, ascending, shape `(n)`, n >= 1.
 * @param share The share, from 0 to 1.
 * @returns One of the values.
 */
export function upperQuantile(sorted: Float64Array, share: number): number {
  const rank = Math.ceil((sorted.length + 1) * (1 - share));
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1];
}

const ALARMS_IN_WINDOW = 2;
const USUAL_WINDOW = { least: 2000, most: 50_000 };

function usualWindow(share: number): number {
  const { least, most } = USUAL_WINDOW;
  const enough = Math.ceil(ALARMS_IN_WINDOW / share);
  return Math.min(Math.max(enough, least), most);
}

/** A deviation of fewer scores says little. */
const FEWEST_FOR_DEVIATION = 20;

class QuantileBaseline implements Baseline {
  readonly #share: number;
  readonly #window: SortedWindow;

  constructor(share: number, windowSize: number) {
    this.#share = share;
    this.#window = new SortedWindow(windowSize);
  }

  get threshold(): number {
    return upperQuantile(this.#window.values, this.#share);
  }

  get centre(): number {
    return quantileSorted(this.#window.values, 0.5);
  }

  learn(score: number): void {
    this.#window.add(score);
  }

  restart(): void {
    this.#window.clear();
  }
}

/** Scores by their distance from the mean before them, in deviations. */
class EwmaBaseline implements Baseline {
  readonly #newest: number;
  readonly #widths: QuantileBaseline;
  #count = 0;
  #mean = 0;
  #variance = 0;

  constructor(widths: QuantileBaseline, span: number) {
    this.#widths = widths;
    this.#newest = 2 / (span + 1);
  }

  get centre(): number {
    return this.#mean;
  }

  get threshold(): number {
    return this.#count <= FEWEST_FOR_DEVIATION
      ? Infinity
      : this.#mean + this.#widths.threshold * Math.sqrt(this.#variance);
  }

  learn(score: number): void {
    const distance = score - this.#mean;
    if (this.#count >= FEWEST_FOR_DEVIATION) {
      const deviation = Math.sqrt(this.#variance);
      this.#widths.learn(deviation > 0 ? distance / deviation : 0);
    }
    this.#count++;
    // The first ones count alike, as in a plain mean.
    const weight = Math.max(this.#newest, 1 / this.#count);
    this.#mean += weight * distance;
    this.#variance = (1 - weight) * (this.#variance + weight * distance ** 2);
  }

  restart(): void {
    this.#widths.restart();
    this.#count = 0;
    this.#mean = 0;
    this.#variance = 0;
  }
}
