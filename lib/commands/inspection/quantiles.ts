/**
 * Quantiles of many numbers: exact where all can be kept, else of a histogram,
 * whose memory does not grow with the number of values.
 *
 * @module
 */

import {
  LogBins,
  LogHistogram,
  SMALLEST_VALUE,
} from "../../numeric/log_histogram.ts";
import { quantileSorted } from "../../numeric/statistics.ts";
import type { Quantiles } from "./facts.ts";

/** The greatest relative error of a quantile of a {@linkcode BinnedDistribution}. */
export const RELATIVE_ERROR = 0.01;

/** Greater values are counted as this one, so that there are 2,600 bins at most;
 * it is above every size. */
const LARGEST_COUNTED = 1e16;
const BINS = new LogBins(RELATIVE_ERROR);

/** Numbers >= 0 and how they are distributed. */
export interface Distribution {
  /** How many values there are. */
  readonly count: number;
  /** Adds a value. */
  add(value: number): void;
  /** Quantiles of type 7, NaN where there is no value. */
  quantiles(): Quantiles;
}

/** Numbers that are kept. */
export class ExactDistribution implements Distribution {
  #values: number[] = [];

  /** How many values there are. */
  get count(): number {
    return this.#values.length;
  }

  /**
   * Adds a value.
   *
   * @param value The value.
   */
  add(value: number): void {
    this.#values.push(value);
  }

  /**
   * Sorts the values.
   *
   * @returns Their quantiles.
   */
  quantiles(): Quantiles {
    if (this.count === 0) return quantilesBy(() => NaN);
    const sorted = Float64Array.from(this.#values).sort();
    return quantilesBy((q) => quantileSorted(sorted, q));
  }
}

/** Numbers that are counted in bins. */
export class BinnedDistribution implements Distribution {
  readonly #histogram = new LogHistogram();
  #least = Infinity;
  #greatest = -Infinity;

  /** How many values there are. */
  get count(): number {
    return this.#histogram.total;
  }

  /**
   * Adds a value.
   *
   * @param value The value.
   */
  add(value: number): void {
    if (value < this.#least) this.#least = value;
    if (value > this.#greatest) this.#greatest = value;
    this.#histogram.add(
      BINS.binOf(value < LARGEST_COUNTED ? value : LARGEST_COUNTED),
    );
  }

  /**
   * Reads the quantiles off the bins.
   *
   * @returns The least and the greatest value as they are, the others within
   * {@linkcode RELATIVE_ERROR}.
   */
  quantiles(): Quantiles {
    if (this.count === 0) return quantilesBy(() => NaN);
    return quantilesBy((q) => {
      if (q === 0) return this.#least;
      if (q === 1) return this.#greatest;
      const value = this.#histogram.quantile(q, BINS);
      // The bin of the smallest value is that of 0, too.
      const isZero = value <= SMALLEST_VALUE * (1 + RELATIVE_ERROR);
      return Math.min(
        Math.max(isZero ? 0 : value, this.#least),
        this.#greatest,
      );
    });
  }
}

/** The quantiles that are told, by their probabilities. */
function quantilesBy(at: (q: number) => number): Quantiles {
  return {
    min: at(0),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}
