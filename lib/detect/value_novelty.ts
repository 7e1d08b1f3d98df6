/**
 * How new a number is among those that came before it, one at a time.
 *
 * The strangeness of a value is its distance to the nearest value seen before;
 * its rarity is the share of earlier values that were as strange when they
 * came. Of values of one distribution, whatever it is, about a share a has a
 * rarity up to a, rather less while the memory fills, as distances shrink. An
 * outage takes few places among thousands of
 * values, so the next one is as new as the first; a level that stays fills
 * with values and becomes usual.
 *
 * @see V. Ishimtsev, A. Bernstein, E. Burnaev, I. Nazarov, Conformal k-NN
 * Anomaly Detector for Univariate Data Streams (2017), with k = 1; R. Laxhammar,
 * Conformal Anomaly Detection (2014).
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { readObject } from "../numeric/json_fields.ts";
import { SortedWindow } from "../numeric/sorted_window.ts";

/** How strange a value is. */
export type Novelty = {
  /** Distance to the nearest value before it, in its unit. */
  readonly distance: number;
  /**
   * How many of the earlier values were as strange, and a half: 0.5 for a
   * record, and less where it is far above the last one.
   */
  readonly stranger: number;
  /** Values that it is compared with. */
  readonly seen: number;
};

/** Options for {@linkcode ValueNovelty}. */
export type ValueNoveltyOptions = {
  /** Values remembered; the oldest are forgotten. @default {20_000} */
  memory?: number;
};

/** Counts of an observation fall half-way between its neighbours'. */
const HALF = 0.5;

/**
 * A memory of values that tells how new the next one is. It takes a constant
 * amount of memory and the time of two binary searches a value.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { ValueNovelty } from "lib/detect/value_novelty.ts";
 *
 * const values = new ValueNovelty();
 * for (const value of [10, 12, 11, 10, 13]) {
 *   const { distance } = values.measure(value);
 *   values.remember(value, distance);
 * }
 * const { distance, stranger, seen } = values.measure(93);
 * assert.deepEqual([distance, seen], [80, 5]);
 * // The strangest before, 12 after 10, was 2 away: 40 times less.
 * assert.equal(stranger, 0.5 / 40);
 * ```
 */
export class ValueNovelty {
  #values: SortedWindow;
  #distances: SortedWindow;

  /**
   * Makes an empty memory.
   *
   * @param options How much is remembered.
   * @throws {RangeError} If `memory` is not an integer of at least 1.
   */
  constructor(options: ValueNoveltyOptions = {}) {
    const { memory = 20_000 } = options;
    this.#values = new SortedWindow(memory);
    this.#distances = new SortedWindow(memory);
  }

  /**
   * Measures a value against those remembered.
   *
   * @param value A finite number.
   * @returns How new it is; of the first value, distance 0.
   * @throws {RangeError} If the value is not finite.
   */
  measure(value: number): Novelty {
    checkNumber(value, "value", "measure novelty");
    const seen = this.#values.size;
    const distance = seen === 0 ? 0 : Math.min(
      this.#values.distanceToNearest(value),
      Number.MAX_VALUE,
    );
    return { distance, stranger: this.#stranger(distance), seen };
  }

  /**
   * Remembers a value.
   *
   * @param value The value.
   * @param distance How far it was from those before it; left out where that
   * was not usual, so that later ones are not measured by it.
   */
  remember(value: number, distance?: number): void {
    this.#values.add(value);
    if (distance !== undefined) this.#distances.add(distance);
  }

  /**
   * Gives the memory for JSON.
   *
   * @returns JSON from which {@linkcode ValueNovelty.fromJSON} loads it.
   */
  toJSON(): { values: unknown; distances: unknown } {
    return {
      values: this.#values.toJSON(),
      distances: this.#distances.toJSON(),
    };
  }

  /**
   * Loads a memory.
   *
   * @param json Untrusted JSON, as {@linkcode ValueNovelty.toJSON} gives.
   * @param options How much is remembered, as the saved one was made with.
   * @returns A memory that goes on as the saved one would have.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(
    json: unknown,
    options: ValueNoveltyOptions = {},
  ): ValueNovelty {
    const { memory = 20_000 } = options;
    const object = readObject(json, "novelty");
    const novelty = new ValueNovelty({ memory });
    novelty.#values = SortedWindow.fromJSON(object.values, memory, "values");
    novelty.#distances = SortedWindow.fromJSON(
      object.distances,
      memory,
      "distances",
    );
    if (novelty.#distances.values[0] < 0) {
      throw new SyntaxError(
        `Cannot load model: distances has ${
          novelty.#distances.values[0]
        }, expected numbers >= 0`,
      );
    }
    return novelty;
  }

  #stranger(distance: number): number {
    const record = this.#distances.largest;
    const isRecord = distance > record && record > 0;
    // A tail that falls as 1 / distance, heavier than most.
    if (isRecord) return HALF * (record / distance);
    return this.#distances.countAtLeast(distance) + HALF;
  }
}
