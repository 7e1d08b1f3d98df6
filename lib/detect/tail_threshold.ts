/**
 * Peaks over threshold: the tail of the scores above a high level is fitted by
 * a generalized Pareto distribution, and the threshold is set where it leaves
 * the share of scores that may be flagged, further out than any score seen:
 *
 *     z = u + (σ / ξ) ((q n / N)^(-ξ) - 1)
 *
 * with level u, N peaks above it among n scores, share q, shape ξ, scale σ.
 *
 * It streams as SPOT does, with departures that bound its memory, let it follow
 * and keep its rate: n is at most `windowSize`, the last scores of the baseline,
 * the level is their quantile instead of that of the first ones, and ξ is taken
 * as `4 / N` more than fitted, for the doubt that few peaks leave. With `driftDepth`
 * it is DSPOT: scores are taken from the mean of the last ones.
 *
 * @see A. Siffert et al., Anomaly Detection in Streams with Extreme Value Theory
 * (2017).
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import {
  fitGeneralizedPareto,
  paretoQuantile,
} from "../numeric/generalized_pareto.ts";
import { quantileSorted } from "../numeric/statistics.ts";
import { SortedWindow } from "../numeric/sorted_window.ts";
import {
  AdaptiveThreshold,
  type AlarmOptions,
  alarmShare,
  type Baseline,
} from "./adaptive_threshold.ts";
import { upperQuantile } from "./rolling_thresholds.ts";

/** Options for {@linkcode tailThreshold}. */
export type TailThresholdOptions = AlarmOptions & {
  /** Share of the scores that count as peaks, above 0, below 1. @default
   * {0.1} */
  peakShare?: number;
  /** Scores in the baseline, an integer >= 1. @default {4000} */
  windowSize?: number;
  /** Scores whose mean is taken off, an integer >= 0; 0 takes none off. Nothing
   * is flagged before there are more. @default {0} */
  driftDepth?: number;
};

/**
 * A threshold from the tail of the scores: SPOT, or DSPOT with `driftDepth`.
 *
 * @param options The rate of alarms, and how the tail is taken.
 * @returns The threshold, without scores.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { followScores } from "lib/detect/adaptive_threshold.ts";
 * import { tailThreshold } from "lib/detect/tail_threshold.ts";
 *
 * const scores = Float64Array.from({ length: 400 }, (_, k) => (7 * k) % 11);
 * scores[300] = 100;
 * const { flags } = followScores(scores, tailThreshold({ stepMs: 300_000 }));
 * assert.equal(flags.indexOf(1), 300);
 * ```
 */
export function tailThreshold(
  options: TailThresholdOptions = {},
): AdaptiveThreshold {
  const { peakShare = 0.1, windowSize = 4000, driftDepth = 0 } = options;
  const action = "set a tail threshold";
  checkNumber(peakShare, "peakShare", action, {
    ...{ minimum: 0, maximum: 1, exclusive: true },
  });
  const whole = { integer: true };
  checkNumber(windowSize, "windowSize", action, { ...whole, minimum: 1 });
  checkNumber(driftDepth, "driftDepth", action, { ...whole, minimum: 0 });
  const tail = new TailBaseline(alarmShare(options), peakShare, windowSize);
  const baseline = driftDepth === 0
    ? tail
    : new DriftingBaseline(tail, driftDepth);
  return new AdaptiveThreshold(baseline, options);
}

/** What N peaks leave in doubt makes the next score's tail heavier than the
 * fitted one. For an exponential of unknown scale it is exactly a shape of
 * `1 / N` more; for an unknown shape, too, simulation says 4: on normal,
 * exponential, log-normal and Pareto scores it brings alarms from 0.8 to 2.6
 * times the rate asked for down to 0.5 to 1.2 times. */
const DOUBT = 4;

/** Of the peaks, how many may change before the tail is fitted anew. */
const CHANGES_UNFITTED = 0.05;

/** The level and the peaks of the last fit, and the threshold that it gave. */
type TailFit = {
  readonly level: number;
  readonly peakCount: number;
  readonly threshold: number;
};

/** The tail of the last scores. */
class TailBaseline implements Baseline {
  readonly #share: number;
  readonly #peakShare: number;
  readonly #window: SortedWindow;
  #fitted: TailFit | undefined;
  #changes = 0;

  constructor(share: number, peakShare: number, windowSize: number) {
    this.#share = share;
    this.#peakShare = peakShare;
    this.#window = new SortedWindow(windowSize);
  }

  get threshold(): number {
    this.#fitted ??= this.#fit();
    return this.#fitted.threshold;
  }

  get centre(): number {
    return quantileSorted(this.#window.values, 0.5);
  }

  learn(score: number): void {
    const { length } = this.#window.values;
    const left = this.#window.add(score) ?? -Infinity;
    if (!this.#fitted) return;
    const hasGrown = this.#window.values.length > length;
    const { level, peakCount } = this.#fitted;
    if (hasGrown || score >= level || left >= level) this.#changes++;
    if (this.#changes > CHANGES_UNFITTED * peakCount) this.#fitted = undefined;
  }

  restart(): void {
    this.#window.clear();
    this.#fitted = undefined;
  }

  #fit(): TailFit {
    this.#changes = 0;
    const { values } = this.#window;
    const n = values.length;
    const level = values[Math.ceil((1 - this.#peakShare) * n) - 1];
    const peaks = values.subarray(values.findLastIndex((v) => v <= level) + 1);
    const share = this.#share * n / peaks.length;
    const peakCount = peaks.length;
    // The level itself flags no more than asked for.
    if (!(share < 1)) {
      return {
        level,
        peakCount,
        threshold: upperQuantile(values, this.#share),
      };
    }
    const { shape, scale } = fitGeneralizedPareto(peaks.map((v) => v - level));
    const heavier = { shape: shape + DOUBT / peakCount, scale };
    const threshold = level + paretoQuantile(share, heavier);
    return { level, peakCount, threshold };
  }
}

/** A baseline of what scores are above the mean of those before them. */
class DriftingBaseline implements Baseline {
  readonly #baseline: Baseline;
  readonly #last: Float64Array;
  #count = 0;
  #mean = 0;

  constructor(baseline: Baseline, depth: number) {
    this.#baseline = baseline;
    this.#last = new Float64Array(depth);
  }

  get threshold(): number {
    return this.#count > this.#last.length
      ? this.#mean + this.#baseline.threshold
      : Infinity;
  }

  get centre(): number {
    return this.#mean + this.#baseline.centre;
  }

  learn(score: number): void {
    const depth = this.#last.length;
    if (this.#count >= depth) {
      this.#baseline.learn(score - this.#mean);
    }
    this.#last[this.#count % depth] = score;
    this.#count++;
    // Summed anew each time, so that errors do not add up.
    const filled = this.#last.subarray(0, Math.min(this.#count, depth));
    this.#mean = filled.reduce((sum, one) => sum + one, 0) / filled.length;
  }

  restart(): void {
    this.#baseline.restart();
    this.#count = 0;
    this.#mean = 0;
  }
}
