/**
 * Thresholds that follow a stream of scores, set by the alarms that a person
 * can bear, in memory that does not grow. A threshold is known before the score
 * that it judges, and neither a spike nor an outage must make it deaf:
 *
 * - A score that is not flagged enters the baseline as it is.
 * - A flagged score enters cut to twice the threshold's distance from the centre
 *   of the baseline, if none did for a tenth of the time between two alarms.
 *   Were it left out, or cut to the threshold, a threshold that is too low would
 *   stay so; as it is, what is just above counts fully, and an outage as one
 *   score within bounds, however long it is and however often it pauses.
 * - Once flagged scores make up `newNormalMs` within twice that time, the scores
 *   of the last `newNormalMs` are the new normal, and the baseline begins anew
 *   with them.
 *
 * The first `warmUp` scores are never flagged; what is wrong among them is taken
 * as normal. Where all scores of a baseline are equal, whatever is above is
 * flagged, as no scale is known.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";

/** What is normal, and from where on a score is not. */
export type Baseline = {
  /** A score above it is flagged; may be asked for once there is a score. */
  readonly threshold: number;
  /** The middle of the scores, not above the threshold. */
  readonly centre: number;
  /**
   * Takes a score.
   *
   * @param score The score, cut to what may enter.
   */
  learn(score: number): void;
  /** Forgets all scores. */
  restart(): void;
};

/** By which rate a threshold is set, and how it takes change. */
export type AlarmOptions = {
  /** Flagged scores a week while nothing is wrong, > 0. @default {1} */
  alarmsPerWeek?: number;
  /** The time from one score to the next, in milliseconds, > 0. @default
   * {60_000} */
  stepMs?: number;
  /** Flagged time, in milliseconds, after which the flagged scores are the new
   * normal; at least one step. @default {86_400_000} */
  newNormalMs?: number;
  /** Scores at the start that are never flagged, an integer >= 1. @default
   * {100} */
  warmUp?: number;
};

const WEEK_MS = 604_800_000;
/** A threshold that flags more is no alarm. */
const MAXIMUM_SHARE = 0.5;
/** Of the time between two alarms, in which one flagged score may enter. */
const PAUSE_SHARE = 0.1;

/**
 * The share of scores that a rate of alarms allows to be flagged.
 *
 * @param options Alarms a week and the step.
 * @returns The share, above 0, at most 0.5.
 * @throws {RangeError} If an option is not above 0, or the share above 0.5.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { alarmShare } from "lib/detect/adaptive_threshold.ts";
 *
 * // A week has 168 hours.
 * assert.equal(alarmShare({ alarmsPerWeek: 1, stepMs: 3_600_000 }), 1 / 168);
 * ```
 */
export function alarmShare(options: AlarmOptions = {}): number {
  const { alarmsPerWeek = 1, stepMs = 60_000 } = options;
  const action = "set a threshold";
  const above0 = { minimum: 0, exclusive: true };
  checkNumber(alarmsPerWeek, "alarmsPerWeek", action, above0);
  checkNumber(stepMs, "stepMs", action, above0);
  const share = alarmsPerWeek * stepMs / WEEK_MS;
  if (share <= MAXIMUM_SHARE) return share;
  throw new RangeError(
    `Cannot ${action}: alarmsPerWeek is ${alarmsPerWeek} at steps of ${stepMs} ms, expected at most ${
      MAXIMUM_SHARE * WEEK_MS / stepMs
    }`,
  );
}

/** A threshold that follows a stream of scores. */
export class AdaptiveThreshold {
  readonly #baseline: Baseline;
  readonly #recent: RecentScores;
  readonly #pause: number;
  #warmUpLeft: number;
  #pauseLeft = 0;

  /**
   * Begins without scores.
   *
   * @param baseline What is normal, without scores.
   * @param options The step, the time to a new normal and the warm-up.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(baseline: Baseline, options: AlarmOptions = {}) {
    const { stepMs = 60_000, newNormalMs = 86_400_000, warmUp = 100 } = options;
    const action = "set a threshold";
    checkNumber(stepMs, "stepMs", action, { minimum: 0, exclusive: true });
    checkNumber(newNormalMs, "newNormalMs", action, { minimum: stepMs });
    checkNumber(warmUp, "warmUp", action, { minimum: 1, integer: true });
    this.#baseline = baseline;
    this.#recent = new RecentScores(Math.round(newNormalMs / stepMs));
    this.#pause = Math.floor(PAUSE_SHARE / alarmShare(options));
    this.#warmUpLeft = warmUp;
  }

  /** Above it the next score is flagged; infinite during the warm-up. */
  get threshold(): number {
    return this.#warmUpLeft > 0 ? Infinity : this.#baseline.threshold;
  }

  /**
   * Judges the next score, and learns from it.
   *
   * @param score The score, finite.
   * @returns Whether it is flagged.
   * @throws {RangeError} If it is not finite.
   */
  update(score: number): boolean {
    checkNumber(score, "score", "update a threshold");
    const threshold = this.threshold;
    const isFlagged = score > threshold;
    this.#recent.add(score, isFlagged);
    if (this.#recent.isNewNormal) this.#startAnew();
    else if (!isFlagged) this.#baseline.learn(score);
    else if (this.#pauseLeft === 0) {
      const most = 2 * threshold - this.#baseline.centre;
      this.#baseline.learn(Math.min(score, most));
      this.#pauseLeft = this.#pause;
    }
    if (this.#pauseLeft > 0) this.#pauseLeft--;
    if (this.#warmUpLeft > 0) this.#warmUpLeft--;
    return isFlagged;
  }

  #startAnew(): void {
    this.#baseline.restart();
    for (const score of this.#recent.takeLast()) {
      this.#baseline.learn(score);
    }
  }
}

/**
 * Judges a whole series by a threshold that follows it.
 *
 * @param scores Finite scores in the order of time, shape `(n)`.
 * @param threshold The threshold, which learns from them.
 * @returns The threshold before each score, in the unit of `scores`, infinite
 * during the warm-up, and 1 where it was flagged, else 0, each shape `(n)`.
 * @throws {RangeError} If a score is not finite.
 */
export function followScores(
  scores: Float64Array,
  threshold: AdaptiveThreshold,
): { thresholds: Float64Array; flags: Uint8Array } {
  const thresholds = new Float64Array(scores.length);
  const flags = new Uint8Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    thresholds[row] = threshold.threshold;
    flags[row] = threshold.update(scores[row]) ? 1 : 0;
  }
  return { thresholds, flags };
}

/** The last `2 * patience` scores, and how many of them were flagged. */
class RecentScores {
  readonly #patience: number;
  readonly #scores: Float64Array;
  readonly #flags: Uint8Array;
  #next = 0;
  #flagged = 0;

  constructor(patience: number) {
    this.#patience = patience;
    this.#scores = new Float64Array(2 * patience);
    this.#flags = new Uint8Array(2 * patience);
  }

  get isNewNormal(): boolean {
    return this.#flagged >= this.#patience;
  }

  add(score: number, isFlagged: boolean): void {
    this.#flagged += Number(isFlagged) - this.#flags[this.#next];
    this.#scores[this.#next] = score;
    this.#flags[this.#next] = Number(isFlagged);
    this.#next = (this.#next + 1) % this.#scores.length;
  }

  /** The last `patience` scores in their order; none counts as flagged now. */
  takeLast(): Float64Array {
    const { length } = this.#scores;
    const first = this.#next + length - this.#patience;
    this.#flags.fill(0);
    this.#flagged = 0;
    return Float64Array.from(
      { length: this.#patience },
      (_, k) => this.#scores[(first + k) % length],
    );
  }
}
