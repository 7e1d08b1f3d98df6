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

/** The bins of a histogram that has none: no bin is below or above. */
const NO_LEAST = 2 ** 30;
const NO_GREATEST = -NO_LEAST;

/** Options for {@linkcode LogHistograms}. */
export type LogHistogramsOptions = {
  /** Most bins of all histograms together. @default {Infinity} */
  maximumSize?: number;
};

/** Share of the memory that may be taken before it is too small. */
const FULL_SHARE = 0.8;

/**
 * Counts by bin of any number of histograms, by their places from 0. They lie
 * side by side in one memory: ten thousands of small arrays would take many
 * times as long to make and to look after. Numbers of bins are below 2^30 in
 * size.
 */
export class LogHistograms {
  readonly #maximumSize: number;
  #counts = new Uint32Array(0);
  /** Where memory is free; what is before it may have been left behind. */
  #free = 0;
  #size = 0;
  // Of each histogram: its least and greatest bin, where its room lies in
  // memory, the first bin and the number of bins of that room, its total.
  readonly #leasts: number[] = [];
  readonly #greatests: number[] = [];
  readonly #starts: number[] = [];
  readonly #firsts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #totals: number[] = [];

  /**
   * Begins without histograms.
   *
   * @param options How many bins there may be.
   */
  constructor(options: LogHistogramsOptions = {}) {
    this.#maximumSize = options.maximumSize ?? Infinity;
  }

  /** How many bins there is room for, in all; each takes 4 bytes. */
  get size(): number {
    return this.#size;
  }

  /**
   * Begins a histogram.
   *
   * @returns Its place.
   */
  push(): number {
    this.#leasts.push(NO_LEAST);
    this.#greatests.push(NO_GREATEST);
    this.#starts.push(0);
    this.#firsts.push(0);
    this.#lengths.push(0);
    return this.#totals.push(0) - 1;
  }

  /**
   * How many values a histogram has counted.
   *
   * @param place Its place.
   * @returns The number.
   */
  total(place: number): number {
    return this.#totals[place];
  }

  /**
   * Counts values.
   *
   * @param places The histogram of each value, shape `(n)`.
   * @param bins The bin of each value, shape `(n)`.
   * @returns Whether there was room. If not, nothing is counted, and bins are to
   * be joined before anything else is asked.
   */
  add(places: ArrayLike<number>, bins: ArrayLike<number>): boolean {
    if (!this.#makeRooms(places, bins)) return false;
    const counts = this.#counts;
    const [starts, firsts, totals] = [this.#starts, this.#firsts, this.#totals];
    for (let i = 0; i < places.length; i++) {
      const place = places[i];
      counts[starts[place] + bins[i] - firsts[place]]++;
      totals[place]++;
    }
    return true;
  }

  /**
   * Counts values of one bin.
   *
   * @param place The histogram's place.
   * @param bin The bin.
   * @param count How many values.
   * @returns Whether there was room. If not, nothing is counted, and bins are to
   * be joined before anything else is asked.
   */
  addOne(place: number, bin: number, count = 1): boolean {
    if (!this.#makeRooms([place], [bin])) return false;
    this.#counts[this.#starts[place] + bin - this.#firsts[place]] += count;
    this.#totals[place] += count;
    return true;
  }

  /**
   * Counts all that another histogram of the same bins has counted.
   *
   * @param place The histogram's place.
   * @param others Where the other histogram is; not these.
   * @param other Its place there.
   * @returns Whether there was room. If not, nothing is counted, and bins are to
   * be joined before anything else is asked.
   */
  merge(place: number, others: LogHistograms, other: number): boolean {
    const least = others.#leasts[other];
    const total = others.#totals[other];
    if (total === 0) return true;
    const range = [least, others.#greatests[other]];
    if (!this.#makeRooms([place, place], range)) return false;
    const from = others.#starts[other] + least - others.#firsts[other];
    const to = this.#starts[place] + least - this.#firsts[place];
    for (let k = 0; k <= range[1] - least; k++) {
      this.#counts[to + k] += others.#counts[from + k];
    }
    this.#totals[place] += total;
    return true;
  }

  /** Joins bins two by two: bin k becomes `ceil(k / 2)`. */
  collapseInPlace(): void {
    const old = this.#counts;
    this.#counts = new Uint32Array(this.#size);
    this.#free = 0;
    for (let place = 0; place < this.#totals.length; place++) {
      if (this.#leasts[place] > this.#greatests[place]) continue;
      this.#leasts[place] = Math.ceil(this.#leasts[place] / 2);
      this.#greatests[place] = Math.ceil(this.#greatests[place] / 2);
      if (this.#lengths[place] > 0) this.#collapse(place, old);
    }
    this.#size = this.#free;
    giveBack(old);
  }

  /**
   * Quantiles of a histogram, interpolated between ranks as type 7 does.
   *
   * @param place The histogram's place.
   * @param probabilities From 0 to 1, ascending.
   * @param bins The bins in which values were counted.
   * @returns The quantiles, within the relative error of the bins; NaN if
   * nothing was counted.
   * @see R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages
   * (1996).
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { LogBins, LogHistograms } from "lib/numeric/log_histogram.ts";
   *
   * const bins = new LogBins(0.01);
   * const histograms = new LogHistograms();
   * const place = histograms.push();
   * const binsOfValues = [10, 20, 30].map((value) => bins.binOf(value));
   * histograms.add([place, place, place], binsOfValues);
   * const [median] = histograms.quantiles(place, [0.5], bins);
   * assert.ok(Math.abs(median - 20) <= 0.2);
   * ```
   */
  quantiles(
    place: number,
    probabilities: readonly number[],
    bins: LogBins,
  ): number[] {
    const total = this.#totals[place];
    if (total === 0) return probabilities.map(() => NaN);
    const counts = this.#counts;
    const binOfFirst = this.#firsts[place] - this.#starts[place];
    let at = this.#leasts[place] - binOfFirst;
    let seen = counts[at];
    const quantiles: number[] = [];
    for (const q of probabilities) {
      const rank = q * (total - 1);
      const low = Math.floor(rank);
      while (seen <= low) seen += counts[++at];
      let value = bins.valueOf(binOfFirst + at);
      if (low < rank && seen === low + 1) {
        let next = at + 1;
        while (counts[next] === 0) next++;
        value += (rank - low) * (bins.valueOf(binOfFirst + next) - value);
      }
      quantiles.push(value);
    }
    return quantiles;
  }

  /** Joins the bins of one histogram, and moves it to free memory. */
  #collapse(place: number, old: Uint32Array): void {
    const oldStart = this.#starts[place];
    const oldFirst = this.#firsts[place];
    const oldLast = oldFirst + this.#lengths[place] - 1;
    const first = Math.ceil(oldFirst / 2);
    const start = this.#free;
    for (let bin = oldFirst; bin <= oldLast; bin++) {
      const joined = Math.ceil(bin / 2);
      this.#counts[start + joined - first] += old[oldStart + bin - oldFirst];
    }
    const length = Math.ceil(oldLast / 2) - first + 1;
    this.#starts[place] = start;
    this.#firsts[place] = first;
    this.#lengths[place] = length;
    this.#free += length;
  }

  /** Makes room for bins, if there is. */
  #makeRooms(places: ArrayLike<number>, bins: ArrayLike<number>): boolean {
    const [leasts, greatests] = [this.#leasts, this.#greatests];
    let from = Infinity, to = -1;
    for (let i = 0; i < places.length; i++) {
      const place = places[i];
      const bin = bins[i];
      if (bin < leasts[place]) leasts[place] = bin;
      if (bin > greatests[place]) greatests[place] = bin;
      if (place < from) from = place;
      if (place > to) to = place;
    }
    const small: number[] = [];
    let size = this.#size;
    let room = 0;
    for (let place = from; place <= to; place++) {
      const wanted = this.#wantedRoom(place);
      if (wanted === 0) continue;
      small.push(place);
      room += wanted;
      size += wanted - this.#lengths[place];
    }
    if (size > this.#maximumSize) return false;
    if (this.#free + room > this.#counts.length) this.#makeFree(room);
    for (const place of small) this.#move(place, this.#wantedRoom(place));
    this.#size = size;
    return true;
  }

  /** How many bins of room a histogram wants, 0 if it has enough. */
  #wantedRoom(place: number): number {
    const first = this.#firsts[place];
    const length = this.#lengths[place];
    const least = this.#leasts[place];
    const greatest = this.#greatests[place];
    if (least >= first && greatest < first + length) return 0;
    const needed = greatest - least + 1;
    // Who wants more once may do so again.
    return length === 0 ? Math.max(needed, 0) : needed + (needed >> 2);
  }

  /** Moves a histogram to free memory. */
  #move(place: number, room: number): void {
    const old = this.#starts[place];
    const length = this.#lengths[place];
    const needed = this.#greatests[place] - this.#leasts[place] + 1;
    const first = this.#leasts[place] - ((room - needed) >> 1);
    const start = this.#free;
    const shift = start + this.#firsts[place] - first;
    for (let k = 0; k < length; k++) {
      this.#counts[shift + k] = this.#counts[old + k];
    }
    this.#starts[place] = start;
    this.#firsts[place] = first;
    this.#lengths[place] = room;
    this.#free += room;
  }

  /** Makes memory free: by closing the gaps of what was left behind where
   * these are a fifth, else by moving all into a larger memory. */
  #makeFree(room: number): void {
    const wanted = this.#size + room;
    const old = this.#counts;
    const end = this.#free;
    const isEnough = wanted <= FULL_SHARE * old.length;
    if (!isEnough) this.#counts = new Uint32Array(this.#capacityFor(wanted));
    const counts = this.#counts;
    this.#free = 0;
    for (const place of this.#inOrderOfMemory()) {
      const start = this.#starts[place];
      const length = this.#lengths[place];
      if (isEnough) counts.copyWithin(this.#free, start, start + length);
      else counts.set(old.subarray(start, start + length), this.#free);
      this.#starts[place] = this.#free;
      this.#free += length;
    }
    if (isEnough) counts.fill(0, this.#free, end);
    else giveBack(old);
  }

  /** Halves of the most that there may be, so that the last move into a larger
   * memory is one of half the bins: for a moment there are both. */
  #capacityFor(wanted: number): number {
    if (this.#maximumSize === Infinity) return 2 * wanted;
    let capacity = this.#maximumSize / FULL_SHARE;
    while (capacity > 4 * wanted) capacity /= 2;
    return Math.ceil(Math.max(capacity, wanted));
  }

  #inOrderOfMemory(): Uint32Array {
    const starts = this.#starts;
    return Uint32Array.from(starts.keys())
      .filter((place) => this.#lengths[place] > 0)
      .sort((a, b) => starts[a] - starts[b]);
  }
}

/** Frees memory now: the collector does not see how much an array holds. */
function giveBack(array: Uint32Array<ArrayBuffer>): void {
  // Node 20 has no `transfer` yet.
  array.buffer.transfer?.(0);
}

/** Counts by bin: one histogram by itself. */
export class LogHistogram {
  readonly #histograms = new LogHistograms();
  readonly #place = this.#histograms.push();

  /** How many values were counted. */
  get total(): number {
    return this.#histograms.total(this.#place);
  }

  /**
   * Counts values of a bin.
   *
   * @param bin The number of the bin.
   * @param count How many values.
   */
  add(bin: number, count = 1): void {
    this.#histograms.addOne(this.#place, bin, count);
  }

  /**
   * Counts all that another histogram of the same bins has counted.
   *
   * @param other The other histogram.
   */
  merge(other: LogHistogram): void {
    this.#histograms.merge(this.#place, other.#histograms, other.#place);
  }

  /** Joins bins two by two: bin k becomes `ceil(k / 2)`. */
  collapseInPlace(): void {
    this.#histograms.collapseInPlace();
  }

  /**
   * A quantile, as {@linkcode LogHistograms.quantiles} gives it.
   *
   * @param q The probability, 0 to 1.
   * @param bins The bins in which values were counted.
   * @returns The quantile; NaN if nothing was counted.
   */
  quantile(q: number, bins: LogBins): number {
    return this.#histograms.quantiles(this.#place, [q], bins)[0];
  }
}
