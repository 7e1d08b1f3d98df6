/**
 * How far a number is from the k-th nearest of the training values: far, where
 * values are rare, whether at an end or between two levels.
 *
 * @see S. Ramaswamy, R. Rastogi, K. Shim, Efficient Algorithms for Mining
 * Outliers from Large Data Sets (2000).
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { firstNotBelow } from "../numeric/sorted_window.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import type { ModelJson, SeriesDetector } from "./detector.ts";

/** Options for {@linkcode NearestValues.fit}. */
export type NearestValuesOptions = {
  /** Which of the nearest values is measured to, besides one that is equal.
   * @default {5} */
  neighbor?: number;
};

const KIND = "nearest_values";

/** A fitted detector; it looks at each value alone, so it is causal. */
export class NearestValues implements SeriesDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The score of a row depends on no other. */
  readonly isCausal: boolean = true;
  /** The least number of rows that it scores. */
  readonly minimumRows: number = 1;
  readonly #neighbor: number;
  readonly #sorted: Float64Array;

  private constructor(neighbor: number, sorted: Float64Array) {
    this.#neighbor = neighbor;
    this.#sorted = sorted;
  }

  /**
   * Keeps the training values.
   *
   * @param values Training values, shape `(n)`, more than `neighbor`.
   * @param options Which neighbor counts.
   * @returns The fitted detector.
   * @throws {RangeError} If there are too few values, one is not finite, or the
   * option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { NearestValues } from "lib/detect/nearest_values.ts";
   *
   * const train = Float64Array.of(1, 2, 3, 9);
   * const detector = NearestValues.fit(train, { neighbor: 1 });
   * // Of 9 the nearest besides itself is 3, of 5 it is 3, then 2.
   * assert.deepEqual([...detector.score(Float64Array.of(9, 5))], [6, 3]);
   * ```
   */
  static fit(
    values: Float64Array,
    options: NearestValuesOptions = {},
  ): NearestValues {
    const { neighbor = 5 } = options;
    const action = "fit NearestValues";
    checkNumber(neighbor, "neighbor", action, { minimum: 1, integer: true });
    checkValues(values, "values", action);
    checkNumber(values.length, "the number of values", action, {
      minimum: neighbor + 1,
    });
    return new NearestValues(neighbor, values.slice().sort());
  }

  /**
   * Scores values.
   *
   * @param values Values, shape `(n)`.
   * @returns Distances in the unit of the values, shape `(n)`.
   * @throws {RangeError} If there are none or one is not finite.
   */
  score(values: Float64Array): Float64Array {
    checkValues(values, "values", "score with NearestValues");
    return values.map((value) => this.#distance(value));
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode NearestValues.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    return {
      kind: this.kind,
      neighbor: this.#neighbor,
      values: encodeArray(this.#sorted),
    };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode NearestValues.toJSON} gives.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): NearestValues {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const neighbor = readNumber(object, "neighbor", {
      minimum: 1,
      integer: true,
    });
    const values = decodeArray(object.values, "float64", "values");
    const isSorted = values.every((value, i) =>
      Number.isFinite(value) && (i === 0 || value >= values[i - 1])
    );
    if (!isSorted || values.length <= neighbor) {
      throw new SyntaxError(
        `Cannot load model: values has ${values.length} numbers, expected more than ${neighbor} in ascending order`,
      );
    }
    return new NearestValues(neighbor, values);
  }

  /** Takes the nearer of the next values on both sides, neighbor + 1 times. */
  #distance(value: number): number {
    const sorted = this.#sorted;
    let above = firstNotBelow(sorted, value);
    let below = above - 1;
    let distance = 0;
    for (let taken = 0; taken <= this.#neighbor; taken++) {
      const up = above < sorted.length ? sorted[above] - value : Infinity;
      const down = below >= 0 ? value - sorted[below] : Infinity;
      if (up <= down) above++;
      else below--;
      distance = Math.min(up, down);
    }
    return Math.min(distance, Number.MAX_VALUE);
  }
}
