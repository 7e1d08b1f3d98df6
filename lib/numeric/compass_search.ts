/**
 * A small minimizer without derivatives for few variables in a box: try one
 * step along each axis, keep what is better, halve the steps when nothing is.
 * It cannot diverge, and bounds need no penalty.
 *
 * @see T. G. Kolda, R. M. Lewis, V. Torczon, Optimization by direct search
 * (2003), section 3.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";

/** Options for {@linkcode compassSearch}. */
export type CompassSearchOptions = {
  /** First step, as a share of the unit box. @default {0.1} */
  firstStep?: number;
  /** The search ends when steps are smaller than this. @default {1e-4} */
  tolerance?: number;
  /** The greatest number of evaluations. @default {2000} */
  maximumEvaluations?: number;
};

/** Where a search ended. */
export type Minimum = {
  /** The point, each coordinate from 0 to 1. */
  readonly point: Float64Array;
  /** The value there; infinite if no finite one was found. */
  readonly value: number;
};

/**
 * Minimizes a function on the unit box.
 *
 * @param valueAt The function; NaN counts as infinite.
 * @param starts Points to start from, at least one, of equal length; the
 * search goes on from the best.
 * @param options First step, tolerance, evaluations.
 * @returns The best point found.
 * @throws {RangeError} If there is no start or an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { compassSearch } from "lib/numeric/compass_search.ts";
 *
 * const { point } = compassSearch(
 *   ([x, y]) => (x - 0.3) ** 2 + (y - x) ** 2,
 *   [Float64Array.of(1, 0)],
 * );
 * assert.ok(Math.abs(point[0] - 0.3) < 1e-3);
 * ```
 */
export function compassSearch(
  valueAt: (point: Float64Array) => number,
  starts: readonly Float64Array[],
  options: CompassSearchOptions = {},
): Minimum {
  const { firstStep = 0.1, tolerance = 1e-4, maximumEvaluations = 2000 } =
    options;
  const action = "minimize";
  checkNumber(starts.length, "the number of starts", action, { minimum: 1 });
  checkNumber(firstStep, "firstStep", action, { minimum: 0, exclusive: true });
  checkNumber(tolerance, "tolerance", action, { minimum: 0, exclusive: true });
  const evaluate = (point: Float64Array): Minimum => {
    const value = valueAt(point);
    return { point, value: Number.isNaN(value) ? Infinity : value };
  };
  let best = starts.map(evaluate).reduce(better);
  let evaluations = starts.length;
  let step = firstStep;
  while (step >= tolerance && evaluations < maximumEvaluations) {
    const neighbours = neighboursOf(best.point, step).map(evaluate);
    evaluations += neighbours.length;
    const next = neighbours.reduce(better, best);
    if (next === best) step /= 2;
    best = next;
  }
  return best;
}

/** The first of the two wins a tie. */
function better(a: Minimum, b: Minimum): Minimum {
  return b.value < a.value ? b : a;
}

/** One step along each axis in both directions, cut at the box. */
function neighboursOf(point: Float64Array, step: number): Float64Array[] {
  return Array.from(point, (_, axis) =>
    [step, -step].map((move) => {
      const moved = point.slice();
      moved[axis] = Math.min(1, Math.max(0, moved[axis] + move));
      return moved;
    })).flat().filter((moved) => moved.some((value, i) => value !== point[i]));
}
