/**
 * What all detectors have in common. A score is higher where a row is more
 * anomalous; no detector chooses a threshold.
 *
 * @module
 */

import type { Matrix } from "../numeric/matrix.ts";

/** The part of a model file that belongs to the model itself. */
export type ModelJson = { readonly [field: string]: unknown };

/** A fitted model that scores rows, whatever their order. */
export interface PointDetector {
  /** The kind of detector, as in a model file: `isolation_forest`. */
  readonly kind: string;
  /** The number of features d that it was fitted on. */
  readonly featureCount: number;
  /**
   * Scores rows.
   *
   * @param x Rows to score, shape `(n, d)`.
   * @returns One finite score a row, shape `(n)`; higher is more anomalous.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   */
  score(x: Matrix): Float64Array;
  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which the model loads with equal scores.
   */
  toJSON(): ModelJson;
}

/** A fitted model that scores a series in order. */
export interface SeriesDetector {
  /** The kind of detector, as in a model file: `windowed`. */
  readonly kind: string;
  /** Whether the score of a row depends on no later row. */
  readonly isCausal: boolean;
  /** The least number of rows that it scores. */
  readonly minimumRows: number;
  /**
   * Scores the rows of a series.
   *
   * @param values Values at a regular step, in order of time, shape `(n)`.
   * @returns One finite score a row, shape `(n)`; higher is more anomalous.
   * @throws {RangeError} If there are fewer than `minimumRows` values or one is
   * not finite.
   */
  score(values: Float64Array): Float64Array;
  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which the model loads with equal scores.
   */
  toJSON(): ModelJson;
}
