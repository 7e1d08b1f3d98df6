/**
 * A detector for one metric, value by value: strictly online, with constant
 * memory, no look at later values, and a score from 0 to 1.
 *
 * Five {@linkcode ValueNovelty} memories judge the value, the mean of the last
 * three, the greatest of the last 24, and how far the value is above the median
 * of the last 250 and above what is usual at its time of day (UTC; after two
 * days, where there is a daily season). With n values seen and c of them as
 * strange, evidence is `n^0.7 / c`: of a row whose rarity is c / n, the less
 * the longer the history, as there were more rows to be rare by chance. The second
 * and third count half, the last two a quarter, and the greatest of them all, e,
 * is the row's. What is seen beside the time of day is remembered
 * {@linkcode QUIET_ROWS} rows late, so that a peak that slowly fails to come is
 * not usual by its own beginning. The
 * score is `e / (1 + e)`; it is 0 where e is not above 1, and within
 * {@linkcode QUIET_ROWS} rows after as much evidence, so that an incident is
 * told once.
 *
 * A row is an anomaly where rows as rare are expected less often than the alarms
 * a week asked for; how many rows make a week is told by the median step. Where
 * alarms come more often nevertheless, since a series drifts, the limit rises,
 * and it falls again while there are none. An anomalous row is remembered, but
 * if it was ten times as strange as any before, not its strangeness: the next
 * incident is not measured by the last.
 *
 * Nothing is made of gaps, of rows out of order or of equal times but that they
 * are scored as they come. A constant series scores 0.
 *
 * @see {@linkcode ValueNovelty} on rarity; I. Gibbs, E. Candès, Adaptive
 * Conformal Inference Under Distribution Shift (2021), on holding a rate.
 *
 * @module
 */

import { type Novelty, ValueNovelty } from "../detect/value_novelty.ts";
import { checkNumber } from "../numeric/checks.ts";
import { SortedWindow } from "../numeric/sorted_window.ts";
import {
  DailyProfile,
  RollingMedian,
  type StreamBaseline,
} from "./stream_baselines.ts";
import {
  STREAM_SETTINGS,
  type StreamSettings,
  type StreamView,
} from "./stream_settings.ts";

export type { StreamView };

/** Options for {@linkcode StreamDetector}. */
export type StreamDetectorOptions = {
  /** Alarms a week that are wished for at most, above 0. @default {1} */
  alarmsPerWeek?: number;
  /** Values remembered; the oldest are forgotten. @default {20_000} */
  memory?: number;
};

/** What is said of a value. */
export type StreamScore = {
  /** From 0 to 1; higher is more anomalous, 0 during the warm-up. */
  readonly score: number;
  /** What a score must be above to be an anomaly. */
  readonly threshold: number;
  /** Whether it is one. */
  readonly isAnomaly: boolean;
  /** What was new: the value itself, or that of the last rows. */
  readonly view: StreamView;
  /** Its distance to the nearest one before, in the unit of the values. */
  readonly distance: number;
};

/** Rows without a score at the start. */
export const WARM_UP_ROWS = 51;
/** Rows after evidence that as much again is not told. */
export const QUIET_ROWS: number = STREAM_SETTINGS.quietRows;

const MEAN_ROWS = 3;
const GREATEST_ROWS = 24;
/** How many alarms it takes to make the limit e times as strict. */
const ALARMS_TO_ADAPT = 2;
const STRICTEST = 1e-4;
const WEEK_MS = 7 * 86_400_000;
/** Steps whose median is the step. */
const STEPS = 1001;
/** More alarms than one in two rows is no limit. */
const MOST_ALARMS = 0.5;

/**
 * The detector.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { StreamDetector } from "lib/monitor/stream_detector.ts";
 *
 * const detector = new StreamDetector({ alarmsPerWeek: 3 });
 * let atMs = 0;
 * const score = (value: number) => detector.push(atMs += 300_000, value);
 * for (let row = 0; row < 1000; row++) score(100 + (row * 7) % 13);
 * const { isAnomaly, view, distance } = score(900);
 * assert.deepEqual([isAnomaly, view, distance], [true, "value", 788]);
 * assert.equal(score(104).isAnomaly, false);
 * ```
 */
export class StreamDetector {
  /** Alarms a week that are wished for at most. */
  readonly alarmsPerWeek: number;
  readonly #settings: StreamSettings;
  readonly #weightSum: number;
  readonly #views: readonly View[];
  /** The last values, the newest last. */
  readonly #recent: number[] = [];
  readonly #told: RecentMaximum;
  readonly #steps = new SortedWindow(STEPS);
  #lastMs = NaN;
  readonly #mostRows: number;
  #rows = 0;
  /** The part of the rate wished for that the limit is set for. */
  #strictness = 1;

  /**
   * Makes a detector that has seen nothing.
   *
   * @param options The rate of alarms, and the memory.
   * @param settings For measurements only: what the detector is made with.
   * @throws {RangeError} If one is out of range.
   */
  constructor(
    options: StreamDetectorOptions = {},
    settings: StreamSettings = STREAM_SETTINGS,
  ) {
    const { alarmsPerWeek = 1, memory = 20_000 } = options;
    checkNumber(alarmsPerWeek, "alarmsPerWeek", "detect", {
      minimum: 0,
      exclusive: true,
    });
    this.alarmsPerWeek = alarmsPerWeek;
    const weights = Object.entries(settings.weights) as [StreamView, number][];
    this.#settings = settings;
    this.#weightSum = weights.reduce((sum, [, weight]) => sum + weight, 0);
    this.#told = new RecentMaximum(settings.quietRows);
    this.#views = weights.map(([name, weight]) => ({
      name,
      weight,
      memory: new ValueNovelty({ memory }),
      baseline: baselineOf(name),
      // What comes slowly would make itself usual.
      delay: name === "value less its time of day" ? settings.quietRows : 0,
      waiting: [],
    }));
    this.#mostRows = memory + 1;
  }

  /**
   * Scores the next value, and learns from it.
   *
   * @param timestampMs Its time, milliseconds since 1970 UTC.
   * @param value A finite number, in any unit.
   * @returns Its score, known from this and earlier values alone.
   * @throws {RangeError} If one is not finite.
   */
  push(timestampMs: number, value: number): StreamScore {
    checkNumber(timestampMs, "timestampMs", "detect");
    checkNumber(value, "value", "detect");
    this.#measureStep(timestampMs);
    this.#recent.push(value);
    if (this.#recent.length > GREATEST_ROWS) this.#recent.shift();
    this.#rows = Math.min(this.#rows + 1, this.#mostRows);
    const sights = this.#views.flatMap((view): Sight[] => {
      const seen = view.baseline
        ? view.baseline.measure(timestampMs, value)
        : seenBy(view.name, this.#recent);
      if (seen === undefined) return [];
      return [{ ...view, seen, novelty: view.memory.measure(seen) }];
    });
    const { historyExponent, beyond } = this.#settings;
    const { view, distance, evidence } = strongestOf(
      sights,
      historyExponent,
      this.#views[0].name,
    );
    const alarmRate = this.#alarmRate();
    const limit = this.#weightSum * Math.pow(this.#rows, historyExponent - 1) /
      (alarmRate * this.#strictness);
    for (const { memory, seen, novelty, waiting, delay } of sights) {
      const isBeyond = evidence > limit && novelty.stranger < beyond;
      waiting.push([seen, isBeyond ? undefined : novelty.distance]);
      if (waiting.length > delay) memory.remember(...waiting.shift()!);
    }
    const told = evidence > this.#told.value ? evidence : 0;
    this.#told.push(evidence);
    const isAnomaly = told > limit;
    this.#adapt((isAnomaly ? 1 : 0) - alarmRate);
    return {
      score: shareOf(told),
      threshold: shareOf(limit),
      isAnomaly,
      view,
      distance,
    };
  }

  #measureStep(timestampMs: number): void {
    const step = timestampMs - this.#lastMs;
    if (step > 0) this.#steps.add(step);
    this.#lastMs = timestampMs;
  }

  /** Alarms a row. */
  #alarmRate(): number {
    if (this.#steps.size === 0) return MOST_ALARMS;
    const rows = WEEK_MS / this.#steps.quantile(0.5);
    return Math.min(this.alarmsPerWeek / rows, MOST_ALARMS);
  }

  /** Moves the limit so that, in the long run, there is no surplus of alarms. */
  #adapt(surplus: number): void {
    const moved = this.#strictness * Math.exp(-surplus / ALARMS_TO_ADAPT);
    this.#strictness = Math.min(Math.max(moved, STRICTEST), 1);
  }
}

/** A view, what it counts and what it remembers. */
type View = {
  readonly name: StreamView;
  readonly weight: number;
  readonly memory: ValueNovelty;
  readonly baseline: StreamBaseline | undefined;
  /** Rows after which a value is remembered, and those that wait. */
  readonly delay: number;
  readonly waiting: [seen: number, distance: number | undefined][];
};

/** What a view sees in a row, beside what it remembers. */
type Sight = View & { seen: number; novelty: Novelty };

function strongestOf(
  sights: readonly Sight[],
  historyExponent: number,
  first: StreamView,
): { view: StreamView; evidence: number; distance: number } {
  const all = sights.map(({ name, weight, novelty }) => {
    const { stranger, seen, distance } = novelty;
    const evidence = Math.min(
      weight * Math.pow(seen + 1, historyExponent) / stranger,
      Number.MAX_VALUE,
    );
    const isTold = seen >= WARM_UP_ROWS && evidence > 1;
    return { view: name, evidence: isTold ? evidence : 0, distance };
  });
  return all.reduce((a, b) => b.evidence > a.evidence ? b : a, {
    ...{ view: first, evidence: 0, distance: all[0]?.distance ?? 0 },
  });
}

function baselineOf(view: StreamView): StreamBaseline | undefined {
  if (view === "value less the median of 250") return new RollingMedian();
  if (view === "value less its time of day") return new DailyProfile();
  return undefined;
}

function seenBy(
  view: StreamView,
  recent: readonly number[],
): number | undefined {
  switch (view) {
    case "value":
      return recent[recent.length - 1];
    case "mean of 3": {
      const last = recent.slice(-MEAN_ROWS);
      // Divided first, so that the largest numbers have a mean.
      return last.reduce((sum, value) => sum + value / last.length, 0);
    }
    case "greatest of 24":
      return Math.max(...recent);
    default:
      return undefined;
  }
}

/** Evidence as a number from 0 to below 1. */
function shareOf(evidence: number): number {
  return evidence / (1 + evidence);
}

/** The greatest of the last values, by a queue of falling ones. */
class RecentMaximum {
  readonly #span: number;
  #queue: { value: number; row: number }[] = [];
  #row = 0;

  constructor(span: number) {
    this.#span = span;
  }

  /** The greatest of the last `span` values; -Infinity of none. */
  get value(): number {
    return this.#queue[0]?.value ?? -Infinity;
  }

  push(value: number): void {
    while ((this.#queue.at(-1)?.value ?? Infinity) <= value) this.#queue.pop();
    this.#queue.push({ value, row: this.#row++ });
    while (this.#queue[0].row <= this.#row - 1 - this.#span) {
      this.#queue.shift();
    }
  }
}
