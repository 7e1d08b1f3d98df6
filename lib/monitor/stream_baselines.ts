/**
 * What a value of a stream is set beside: the median of the last rows, and what
 * is usual at its time of day. Both are robust: an outage is one of many rows,
 * or one of many days. Memory is constant.
 *
 * @module
 */

import {
  type JsonObject,
  readNumber,
  readObject,
} from "../numeric/json_fields.ts";
import { SortedWindow } from "../numeric/sorted_window.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";

/** Gives how far a value is from what is usual. */
export type StreamBaseline = {
  /**
   * Measures a value, and learns from it.
   *
   * @param timestampMs Its time, milliseconds since 1970 UTC.
   * @param value The value, finite.
   * @returns How far it is above what is usual, in its unit, finite; `undefined`
   * while that is not known.
   */
  measure(timestampMs: number, value: number): number | undefined;
  /** Gives the baseline for JSON. */
  toJSON(): unknown;
};

/** Rows whose median is taken. */
export const MEDIAN_ROWS = 250;

/** The median of the last {@linkcode MEDIAN_ROWS} rows, once there are as many. */
export class RollingMedian implements StreamBaseline {
  #rows = new SortedWindow(MEDIAN_ROWS);

  /**
   * Measures a value against the rows before it, and learns from it.
   *
   * @param _timestampMs Its time; rows count, not time.
   * @param value The value, finite.
   * @returns Its distance above the median, `undefined` of the first rows.
   */
  measure(_timestampMs: number, value: number): number | undefined {
    const isKnown = this.#rows.size === MEDIAN_ROWS;
    const above = isKnown ? difference(value, this.#rows.median) : undefined;
    this.#rows.add(value);
    return above;
  }

  /**
   * Gives the baseline for JSON.
   *
   * @returns What {@linkcode RollingMedian.fromJSON} loads.
   */
  toJSON(): unknown {
    return { rows: this.#rows.toJSON() };
  }

  /**
   * Loads a baseline.
   *
   * @param json Untrusted JSON, as `toJSON` gives.
   * @returns The baseline.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): RollingMedian {
    const { rows } = readObject(json, "rolling median");
    const loaded = new RollingMedian();
    loaded.#rows = SortedWindow.fromJSON(rows, MEDIAN_ROWS, "rows");
    return loaded;
  }
}

const DAY_MS = 86_400_000;
/** Half an hour each. */
const PHASES = 48;
const DAYS = 14;
/** One day alone says nothing about days. */
const FEWEST_DAYS = 2;
/** Rows by which the season is judged, and the level it is judged against. */
const LEVEL_ROWS = 2000;
/** There is a season where it leaves less of the mean deviation than this. */
const SEASON_LEAVES = 0.6;

/**
 * What is usual at a time of day (UTC): of each half an hour the median of its
 * means on the last 14 days that had one, in between on a line. It is silent
 * until there were two days, and where there is no season: while values are,
 * over about 2,000 rows, on average not nearer to it by two fifths than to
 * their median. Days follow the time stamps; what comes again after a gap finds
 * the days before it.
 */
export class DailyProfile implements StreamBaseline {
  /** Means of the last days, by half-hours. */
  readonly #days: number[][] = Array.from({ length: PHASES }, () => []);
  readonly #usual: number[] = new Array(PHASES).fill(NaN);
  #level = new SortedWindow(LEVEL_ROWS);
  /** Mean deviations, the newest counting most. */
  #fromSeason = 0;
  #fromLevel = 0;
  /** The half-hour that is not over, counted from 1970. */
  #open = { slot: NaN, mean: 0, count: 0 };

  /**
   * Measures a value against its time of day, and learns from it.
   *
   * @param timestampMs Its time, milliseconds since 1970 UTC.
   * @param value The value, finite.
   * @returns Its distance above what is usual at that time, `undefined` in the
   * first two days and where there is no season.
   */
  measure(timestampMs: number, value: number): number | undefined {
    const phase = timestampMs / DAY_MS * PHASES;
    this.#learn(Math.floor(phase), value);
    const usual = this.#usualAt(phase);
    const above = Number.isNaN(usual) ? undefined : difference(value, usual);
    const hasSeason = above !== undefined && this.#judge(above, value);
    this.#level.add(value);
    return hasSeason ? above : undefined;
  }

  /**
   * Gives the baseline for JSON.
   *
   * @returns What {@linkcode DailyProfile.fromJSON} loads.
   */
  toJSON(): unknown {
    const { slot, ...open } = this.#open;
    return {
      means: encodeArray(Float64Array.from(this.#days.flat())),
      counts: encodeArray(Uint8Array.from(this.#days, ({ length }) => length)),
      level: this.#level.toJSON(),
      fromSeason: this.#fromSeason,
      fromLevel: this.#fromLevel,
      open: { slot: Number.isNaN(slot) ? null : slot, ...open },
    };
  }

  /**
   * Loads a baseline.
   *
   * @param json Untrusted JSON, as `toJSON` gives.
   * @returns The baseline.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): DailyProfile {
    const object = readObject(json, "daily profile");
    const loaded = new DailyProfile();
    loaded.#loadDays(object);
    loaded.#level = SortedWindow.fromJSON(object.level, LEVEL_ROWS, "level");
    loaded.#fromSeason = readNumber(object, "fromSeason", { minimum: 0 });
    loaded.#fromLevel = readNumber(object, "fromLevel", { minimum: 0 });
    const open = readObject(object.open, "open");
    loaded.#open = {
      slot: open.slot === null ? NaN : readNumber(open, "slot"),
      mean: readNumber(open, "mean"),
      count: readNumber(open, "count", { minimum: 0, integer: true }),
    };
    return loaded;
  }

  #loadDays(object: JsonObject): void {
    const counts = decodeArray(object.counts, "uint8", "counts", PHASES);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const means = decodeArray(object.means, "float64", "means", total);
    let start = 0;
    counts.forEach((count, phase) => {
      if (count > DAYS) {
        throw new SyntaxError(
          `Cannot load model: counts[${phase}] is ${count}, expected at most ${DAYS}`,
        );
      }
      this.#days[phase].push(...means.subarray(start, start + count));
      this.#setUsual(phase);
      start += count;
    });
  }

  /** Adds to the half-hour, after closing the one before. */
  #learn(slot: number, value: number): void {
    if (slot !== this.#open.slot) {
      if (this.#open.count > 0) this.#close();
      this.#open = { slot, mean: 0, count: 0 };
    }
    const count = ++this.#open.count;
    // In shares, so that the largest numbers have a mean.
    this.#open.mean = this.#open.mean * ((count - 1) / count) + value / count;
  }

  #close(): void {
    const phase = wrapped(this.#open.slot);
    const means = this.#days[phase];
    means.push(this.#open.mean);
    if (means.length > DAYS) means.shift();
    this.#setUsual(phase);
  }

  #setUsual(phase: number): void {
    const means = this.#days[phase];
    if (means.length < FEWEST_DAYS) return;
    const sorted = new SortedWindow(DAYS);
    for (const mean of means) sorted.add(mean);
    this.#usual[phase] = sorted.median;
  }

  #usualAt(phase: number): number {
    const own = this.#usual[wrapped(Math.floor(phase))];
    // Means stand in the middle of their half-hours.
    const left = Math.floor(phase - 0.5);
    const share = phase - 0.5 - left;
    const [before, after] = [left, left + 1].map((k) =>
      this.#usual[wrapped(k)]
    );
    const between = before * (1 - share) + after * share;
    return Number.isNaN(between) ? own : between;
  }

  /** Whether the season says more than the level. */
  #judge(above: number, value: number): boolean {
    const { median, size } = this.#level;
    const fromLevel = size === 0 ? 0 : Math.abs(difference(value, median));
    this.#fromSeason += (Math.abs(above) - this.#fromSeason) / LEVEL_ROWS;
    this.#fromLevel += (fromLevel - this.#fromLevel) / LEVEL_ROWS;
    return this.#fromSeason < SEASON_LEAVES * this.#fromLevel;
  }
}

function wrapped(slot: number): number {
  return ((slot % PHASES) + PHASES) % PHASES;
}

/** A difference that does not overflow. */
function difference(a: number, b: number): number {
  return Math.min(Math.max(a - b, -Number.MAX_VALUE), Number.MAX_VALUE);
}
