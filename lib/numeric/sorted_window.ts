/**
 * The last values of a stream in ascending order, for quantiles that follow it
 * in memory that does not grow.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";

/** The last `capacity` values; adding one moves at most that many. */
export class SortedWindow {
  readonly #inOrder: Float64Array;
  readonly #sorted: Float64Array;
  #size = 0;
  #next = 0;

  /**
   * Begins empty.
   *
   * @param capacity The most values it holds, an integer >= 1.
   * @throws {RangeError} If it is not such an integer.
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
    const whole = { minimum: 1, integer: true };
    checkNumber(capacity, "capacity", "make a sorted window", whole);
    this.#inOrder = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  /** The values, ascending: a view, which the next one changes. */
  get values(): Float64Array {
    return this.#sorted.subarray(0, this.#size);
  }

  /**
   * Adds a value; where the window is full the oldest one leaves.
   *
   * @param value The value, not NaN.
   * @returns The value that left, if one did.
   */
  add(value: number): number | undefined {
    const isFull = this.#size === this.#inOrder.length;
    const oldest = isFull ? this.#inOrder[this.#next] : undefined;
    if (oldest !== undefined) this.#remove(oldest);
    this.#inOrder[this.#next] = value;
    this.#next = (this.#next + 1) % this.#inOrder.length;
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place + 1, place, this.#size);
    this.#sorted[place] = value;
    this.#size++;
    return oldest;
  }

  /** Forgets all values. */
  clear(): void {
    this.#size = 0;
    this.#next = 0;
  }

  #remove(value: number): void {
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place, place + 1, this.#size);
    this.#size--;
  }

  /** The first place whose value is not below. */
  #placeOf(value: number): number {
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle] >= value) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
