/**
 * The probabilities of a quantile forecast: which lists are allowed, how they
 * are read from a model file, and the sum by which quantiles are moved.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import type { JsonObject } from "../numeric/json_fields.ts";

/** The probabilities that are forecast where nothing else is asked for: the
 * median, and the ends of a 90 % interval. */
export const USUAL_QUANTILES: readonly number[] = [0.05, 0.5, 0.95];

const MAXIMUM_QUANTILES = 1000;

/**
 * Checks that probabilities can be those of a forecast.
 *
 * @param quantiles The probabilities.
 * @param action What is being done, for the message.
 * @throws {RangeError} If there is none, one is not above 0 and below 1, or
 * they do not ascend.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkQuantiles } from "lib/forecast/quantile_levels.ts";
 *
 * checkQuantiles([0.1, 0.9], "forecast");
 * assert.throws(() => checkQuantiles([0.9, 0.1], "forecast"), {
 *   message: "Cannot forecast: quantiles are 0.9,0.1, expected ascending ones",
 * });
 * ```
 */
export function checkQuantiles(
  quantiles: readonly number[],
  action: string,
): void {
  checkNumber(quantiles.length, "the number of quantiles", action, {
    minimum: 1,
    maximum: MAXIMUM_QUANTILES,
  });
  quantiles.forEach((q, k) => {
    checkNumber(q, "a quantile", action, {
      minimum: 0,
      maximum: 1,
      exclusive: true,
    });
    if (k > 0 && !(q > quantiles[k - 1])) {
      throw new RangeError(
        `Cannot ${action}: quantiles are ${quantiles}, expected ascending ones`,
      );
    }
  });
}

/**
 * Reads probabilities from a model file.
 *
 * @param object The object that holds them under `quantiles`; not trusted.
 * @returns The probabilities.
 * @throws {SyntaxError} If they are not as {@linkcode checkQuantiles} demands.
 */
export function readQuantiles(object: JsonObject): number[] {
  const { quantiles } = object;
  try {
    if (!Array.isArray(quantiles)) throw new RangeError("it is no list");
    checkQuantiles(quantiles, "forecast");
    return quantiles;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SyntaxError(
      `Cannot load model: quantiles are wrong: ${error.message}`,
    );
  }
}

/**
 * Moves a quantile.
 *
 * @param value The quantile, finite.
 * @param shift By how much, finite.
 * @returns The sum, at most the largest double.
 */
export function finiteSum(value: number, shift: number): number {
  const sum = value + shift;
  return Math.min(Math.max(sum, -Number.MAX_VALUE), Number.MAX_VALUE);
}
