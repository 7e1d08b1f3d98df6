/**
 * Checks of options that many modules share. Each says the action, the
 * requirement and the value, and is written so that NaN fails too.
 *
 * @module
 */

/**
 * Checks that a number is finite and within bounds.
 *
 * @param value The number to check.
 * @param name Its name, for the message.
 * @param action What is being done, for the message: "fit IsolationForest".
 * @param bounds Inclusive bounds; `integer` demands a whole number.
 * @throws {RangeError} If the value is not such a number.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkNumber } from "lib/numeric/checks.ts";
 *
 * assert.throws(
 *   () => checkNumber(0, "treeCount", "fit", { minimum: 1, integer: true }),
 *   { message: "Cannot fit: treeCount is 0, expected an integer >= 1" },
 * );
 * ```
 */
export function checkNumber(
  value: number,
  name: string,
  action: string,
  bounds: {
    minimum?: number;
    maximum?: number;
    integer?: boolean;
    /** The bounds themselves are not allowed. */
    exclusive?: boolean;
  } = {},
): void {
  const { minimum = -Infinity, maximum = Infinity } = bounds;
  const { integer = false, exclusive = false } = bounds;
  const inside = exclusive
    ? value > minimum && value < maximum
    : value >= minimum && value <= maximum;
  if (
    typeof value === "number" && Number.isFinite(value) && inside &&
    (!integer || Number.isInteger(value))
  ) return;
  const kind = integer ? "an integer" : "a finite number";
  const limits = [
    minimum > -Infinity ? `${exclusive ? ">" : ">="} ${minimum}` : "",
    maximum < Infinity ? `${exclusive ? "<" : "<="} ${maximum}` : "",
  ].filter((limit) => limit !== "").join(" and ");
  throw new RangeError(
    `Cannot ${action}: ${name} is ${value}, expected ${
      [kind, limits].filter((part) => part !== "").join(" ")
    }`,
  );
}

/**
 * Checks a seed.
 *
 * @param seed The seed.
 * @param action What is being done, for the message.
 * @throws {RangeError} If the seed is not an integer from 0 to 2^53 - 1.
 */
export function checkSeed(seed: number, action: string): void {
  checkNumber(seed, "seed", action, {
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    integer: true,
  });
}

/**
 * Checks that a list of values is not empty and holds no NaN or infinity.
 *
 * @param values The values, shape `(n)`.
 * @param name Their name, for the message.
 * @param action What is being done, for the message.
 * @throws {RangeError} If there is no value or one is not finite.
 */
export function checkValues(
  values: Float64Array,
  name: string,
  action: string,
): void {
  if (!(values.length >= 1)) {
    throw new RangeError(
      `Cannot ${action}: ${name} is empty, expected at least one value`,
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot ${action}: ${name}[${bad}] is ${
        values[bad]
      }, expected a finite number`,
    );
  }
}

/**
 * Checks that two lists belong together, element by element.
 *
 * @param actual The length found.
 * @param expected The length demanded.
 * @param name The name of the list, for the message.
 * @param action What is being done, for the message.
 * @throws {RangeError} If the lengths differ.
 */
export function checkLength(
  actual: number,
  expected: number,
  name: string,
  action: string,
): void {
  if (actual !== expected) {
    throw new RangeError(
      `Cannot ${action}: ${name} has ${actual} values, expected ${expected}`,
    );
  }
}
