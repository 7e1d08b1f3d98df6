/**
 * Quantiles of any number of positive values in little memory: values are
 * counted in bins whose borders grow by a constant factor,
 * `bin(x) = ceil(ln x / ln gamma)`, so that every quantile is known within a
 * relative error `(gamma - 1) / (gamma + 1)`. Histograms of equal bins add up,
 * and all can be made coarser together, which squares gamma and halves memory.
 *
 * @see C. Masson, J. E. Rim, H. K. Lee, DDSketch: A Fast and Fully-Mergeable
 * Quantile Sketch with Relative-Error Guarantees (2019).
 * @see I. Epicoco et al., UDDSketch: Accurate Tracking of Quantiles in Data
 * Streams (2020), for the collapse.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";

/** Smaller values are counted as this one: 1 ns where values are ms. */
export const SMALLEST_VALUE = 1e-6;

/** Bins of equal width on a logarithmic scale. */
export class LogBins {
  /** The greatest relative error of a quantile. */
  readonly relativeError: number;
  readonly #logGamma: number;
  readonly #perLog: number;

  /**
   * Makes bins.
   *
   * @param relativeError The greatest relative error of a quantile, above 0 and
   * below 1.
   * @throws {RangeError} If it is out of range.
   */
  constructor(relativeError: number) {
    checkNumber(relativeError, "relativeError", "make bins", {
      minimum: 0,
      maximum: 1,
      exclusive: true,
    });
    this.relativeError = relativeError;
    this.#logGamma = Math.log((1 + relativeError) / (1 - relativeError));
    this.#perLog = 1 / this.#logGamma;
  }

  /**
   * The bin of a value.
   *
   * @param value A number >= 0.
   * @returns The number of its bin, which may be negative.
   */
  binOf(value: number): number {
    const counted = value > SMALLEST_VALUE ? value : SMALLEST_VALUE;
    return Math.ceil(Math.log(counted) * this.#perLog);
  }

  /**
   * The value that stands for a bin, equally far in relation from both borders.
   *
   * @param bin The number of the bin.
   * @returns `2 gamma^bin / (gamma + 1)`.
   */
  valueOf(bin: number): number {
    return Math.exp(bin * this.#logGamma) * (1 - this.relativeError);
  }

  /**
   * The bins that {@linkcode LogHistogram.collapseInPlace} leads to.
   *
   * @returns Bins with gamma squared: `2 e / (1 + e^2)` for e the error.
   */
  coarser(): LogBins {
    const error = this.relativeError;
    return new LogBins(2 * error / (1 + error * error));
  }
}

/** How many bins a histogram makes room for beside those that it must have. */
const SPARE_BINS = 8;

/** Counts by bin. */
export class LogHistogram {
  #counts: Uint32Array = new Uint32Array(0);
  #first = 0;
  #total = 0;

  /** How many values were counted. */
  get total(): number {
    return this.#total;
  }

  /** How many bins there is room for; each takes 4 bytes. */
  get size(): number {
    return this.#counts.length;
  }

  /**
   * Counts values of a bin.
   *
   * @param bin The number of the bin.
   * @param count How many values.
   */
  add(bin: number, count = 1): void {
    if (!(bin >= this.#first && bin < this.#first + this.#counts.length)) {
      this.#makeRoom(bin);
    }
    this.#counts[bin - this.#first] += count;
    this.#total += count;
  }

  /**
   * Counts all that another histogram of the same bins has counted.
   *
   * @param other The other histogram.
   */
  merge(other: LogHistogram): void {
    other.#counts.forEach((count, k) => {
      if (count > 0) this.add(other.#first + k, count);
    });
  }

  /** Joins bins two by two: bin k becomes `ceil(k / 2)`. */
  collapseInPlace(): void {
    const old = this.#counts;
    const oldFirst = this.#first;
    this.#counts = new Uint32Array(0);
    this.#total = 0;
    old.forEach((count, k) => {
      if (count > 0) this.add(Math.ceil((oldFirst + k) / 2), count);
    });
  }

  /**
   * A quantile, interpolated between ranks as type 7 does.
   *
   * @param q The probability, 0 to 1.
   * @param bins The bins in which values were counted.
   * @returns The quantile, within the relative error of the bins; NaN if
   * nothing was counted.
   * @see R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages
   * (1996).
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { LogBins, LogHistogram } from "lib/numeric/log_histogram.ts";
   *
   * const bins = new LogBins(0.01);
   * const histogram = new LogHistogram();
   * for (const value of [10, 20, 30]) histogram.add(bins.binOf(value));
   * assert.ok(Math.abs(histogram.quantile(0.5, bins) - 20) <= 0.2);
   * ```
   */
  quantile(q: number, bins: LogBins): number {
    if (this.#total === 0) return NaN;
    const rank = q * (this.#total - 1);
    const low = Math.floor(rank);
    const below = bins.valueOf(this.#binAt(low));
    if (low === rank) return below;
    const above = bins.valueOf(this.#binAt(low + 1));
    return below + (rank - low) * (above - below);
  }

  /** The bin of the value of a rank, from 0. */
  #binAt(rank: number): number {
    let seen = 0;
    for (let k = 0; k < this.#counts.length; k++) {
      seen += this.#counts[k];
      if (seen > rank) return this.#first + k;
    }
    return this.#first + this.#counts.length - 1;
  }

  #makeRoom(bin: number): void {
    const old = this.#counts;
    const oldFirst = this.#first;
    const first = old.length === 0 ? bin : Math.min(bin, oldFirst);
    const last = old.length === 0
      ? bin
      : Math.max(bin, oldFirst + old.length - 1);
    // A little more on both sides, so that room is seldom made.
    const spare = SPARE_BINS + ((last - first) >> 4);
    this.#first = first - spare;
    this.#counts = new Uint32Array(last - first + 1 + 2 * spare);
    this.#counts.set(old, old.length === 0 ? 0 : oldFirst - this.#first);
  }
}
