/**
 * The hybrid that the program takes for a metric series: what a value is among
 * all values, and what the shape of 3, 6 and 12 steps is among all shapes.
 *
 * @module
 */

import type { SeriesDetector } from "./detect/detector.ts";
import { HybridDetector, type HybridMember } from "./detect/hybrid.ts";
import { MahalanobisDetector } from "./detect/mahalanobis.ts";
import { NearestValues } from "./detect/nearest_values.ts";
import { WindowedDetector } from "./detect/windowed.ts";
import { checkNumber, checkValues } from "./numeric/checks.ts";
import { readObject } from "./numeric/json_fields.ts";

/** Sizes of the windows that shapes are taken of. */
export const WINDOW_SIZES: readonly number[] = [3, 6, 12];
/** Fewer rows say nothing of shapes of twelve. */
export const LEAST_TRAINING_ROWS = 60;

/**
 * Fits the hybrid.
 *
 * @param values Training values at a regular step, shape `(n)`.
 * @returns The fitted hybrid; it is not causal.
 * @throws {RangeError} If there are fewer than 60 values or one is not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { fitSeriesHybrid } from "lib/series_hybrid.ts";
 *
 * const values = Float64Array.from({ length: 200 }, (_, i) => i % 24);
 * values[100] = 40;
 * const hybrid = await fitSeriesHybrid(values);
 * const scores = hybrid.score(values);
 * assert.equal(scores[100], Math.max(...scores));
 * ```
 */
export async function fitSeriesHybrid(
  values: Float64Array,
): Promise<HybridDetector> {
  const action = "fit a hybrid";
  checkValues(values, "values", action);
  checkNumber(values.length, "the number of values", action, {
    minimum: LEAST_TRAINING_ROWS,
  });
  const shapes = WINDOW_SIZES.map(async (
    windowSize,
  ): Promise<HybridMember> => ({
    name: `shape of ${windowSize} steps`,
    detector: await WindowedDetector.fit(
      values,
      (windows) => MahalanobisDetector.fit(windows),
      { windowSize },
    ),
  }));
  const value = { name: "value", detector: NearestValues.fit(values) };
  return HybridDetector.fit(values, [...await Promise.all(shapes), value]);
}

/**
 * Loads the hybrid.
 *
 * @param json Untrusted JSON, as {@linkcode HybridDetector.toJSON} gives it.
 * @returns The hybrid.
 * @throws {SyntaxError} If a field is missing or wrong.
 */
export function loadSeriesHybrid(json: unknown): Promise<HybridDetector> {
  return HybridDetector.fromJSON(json, loadMember);
}

function loadMember(json: unknown): SeriesDetector | Promise<SeriesDetector> {
  const { kind } = readObject(json, "detector");
  return kind === "windowed"
    ? WindowedDetector.fromJSON(json, MahalanobisDetector.fromJSON)
    : NearestValues.fromJSON(json);
}
