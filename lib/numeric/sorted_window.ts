/**
 * The last values of a stream, kept in order: ranks, quantiles and the distance
 * to the nearest one in the time of a binary search.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";
import { quantileSorted } from "./statistics.ts";
import {
  decodeArray,
  encodeArray,
  type EncodedArray,
} from "./typed_array_json.ts";

/**
 * Values kept in order by binary search; a move of memory beats a tree up to
 * tens of thousands of values.
 */
export class SortedWindow {
  readonly #sorted: Float64Array;
  /** The same values in the order they came, as a ring. */
  readonly #arrived: Float64Array;
  #size = 0;
  #next = 0;

  /**
   * Makes an empty window.
   *
   * @param capacity The most values that it holds, an integer of at least 1.
   * @throws {RangeError} If the capacity is not such a number.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { SortedWindow } from "lib/numeric/sorted_window.ts";
   *
   * const window = new SortedWindow(2);
   * for (const value of [5, 9, 7]) window.add(value);
   * assert.deepEqual([...window.values], [7, 9]);
   * ```
   */
  constructor(capacity: number) {
    checkNumber(capacity, "capacity", "sort a window", {
      minimum: 1,
      integer: true,
    });
    this.#sorted = new Float64Array(capacity);
    this.#arrived = new Float64Array(capacity);
  }

  /** The number of values held. */
  get size(): number {
    return this.#size;
  }

  /** The largest value held, -Infinity of none. */
  get largest(): number {
    return this.#size === 0 ? -Infinity : this.#sorted[this.#size - 1];
  }

  /** The middle of the values held, NaN of none; no overflow. */
  get median(): number {
    const upper = this.#size >> 1;
    if (this.#size % 2 === 1) return this.#sorted[upper];
    return this.#sorted[upper - 1] / 2 + this.#sorted[upper] / 2;
  }

  /** The values held, ascending: a view, which the next one changes. */
  get values(): Float64Array {
    return this.#sorted.subarray(0, this.#size);
  }

  /**
   * Adds a value; where the window is full the oldest one leaves.
   *
   * @param value The value, not NaN; -0 is held as 0.
   * @returns The value that left, if one did.
   */
  add(value: number): number | undefined {
    // Zeros of two signs are equal, and a saved window could mix them up.
    value += 0;
    const isFull = this.#size === this.#sorted.length;
    const oldest = isFull ? this.#arrived[this.#next] : undefined;
    if (oldest !== undefined) this.#remove(oldest);
    this.#arrived[this.#next] = value;
    this.#next = (this.#next + 1) % this.#arrived.length;
    const at = this.#position(value);
    this.#sorted.copyWithin(at + 1, at, this.#size++);
    this.#sorted[at] = value;
    return oldest;
  }

  /** Forgets all values. */
  clear(): void {
    this.#size = 0;
    this.#next = 0;
  }

  /**
   * Counts values.
   *
   * @param value A number.
   * @returns How many of the values held are at least as large.
   */
  countAtLeast(value: number): number {
    return this.#size - this.#position(value);
  }

  /**
   * Measures how far a number is from all values held.
   *
   * @param value A number.
   * @returns The distance to the nearest value, Infinity of none.
   */
  distanceToNearest(value: number): number {
    const at = this.#position(value);
    const above = at < this.#size ? this.#sorted[at] - value : Infinity;
    const below = at > 0 ? value - this.#sorted[at - 1] : Infinity;
    return Math.min(above, below);
  }

  /**
   * Takes a quantile.
   *
   * @param q The probability, from 0 to 1.
   * @returns The quantile, interpolated, of the values held.
   * @throws {RangeError} If none are held or q is out of range.
   */
  quantile(q: number): number {
    return quantileSorted(this.values, q);
  }

  /**
   * Gives the values for JSON.
   *
   * @returns The values in the order in which they came.
   */
  toJSON(): EncodedArray {
    const isFull = this.#size === this.#arrived.length;
    const first = isFull ? this.#next : 0;
    return encodeArray(Float64Array.from(
      { length: this.#size },
      (_, k) => this.#arrived[(first + k) % this.#arrived.length],
    ));
  }

  /**
   * Loads a window.
   *
   * @param json Untrusted JSON, as {@linkcode SortedWindow.toJSON} gives.
   * @param capacity The most values that it holds.
   * @param field The name of the field, for messages.
   * @returns A window that goes on as the saved one would have.
   * @throws {SyntaxError} If it is no list of finite numbers, or too long.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { SortedWindow } from "lib/numeric/sorted_window.ts";
   *
   * const window = new SortedWindow(2);
   * for (const value of [5, 9, 7]) window.add(value);
   * const loaded = SortedWindow.fromJSON(window.toJSON(), 2, "values");
   * assert.deepEqual([...loaded.values], [7, 9]);
   * assert.equal(loaded.add(1), 9);
   * ```
   */
  static fromJSON(
    json: unknown,
    capacity: number,
    field: string,
  ): SortedWindow {
    const values = decodeArray(json, "float64", field);
    if (!(values.length <= capacity)) {
      throw new SyntaxError(
        `Cannot load model: ${field} has ${values.length} values, expected at most ${capacity}`,
      );
    }
    const window = new SortedWindow(capacity);
    // What a saved window holds has no -0, a forged one may.
    const arrived = values.map((value) => value + 0);
    window.#arrived.set(arrived);
    window.#sorted.set(arrived.sort());
    window.#size = values.length;
    window.#next = values.length % capacity;
    return window;
  }

  #remove(value: number): void {
    const at = this.#position(value);
    this.#sorted.copyWithin(at, at + 1, this.#size--);
  }

  #position(value: number): number {
    return firstNotBelow(this.values, value);
  }
}

/**
 * Finds a place among sorted values.
 *
 * @param sorted Values in ascending order, shape `(n)`.
 * @param value A number.
 * @returns The first place whose value is not below, n if all are.
 */
export function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
