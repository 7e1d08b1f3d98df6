/**
 * The squared Mahalanobis distance `(x - μ)ᵀ Σ⁻¹ (x - μ)` to the bulk of the
 * training rows: a principal component detector that keeps all components, each
 * weighted by the inverse of its variance. Mean and covariance are of the
 * nearest rows only, by concentration steps, so that outliers do not widen what
 * they are measured by.
 *
 * @see M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang, A Novel Anomaly
 * Detection Scheme Based on Principal Component Classifier (2003); P. J.
 * Rousseeuw, K. Van Driessen, A Fast Algorithm for the Minimum Covariance
 * Determinant Estimator (1999), on concentration steps.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import {
  choleskyInPlace,
  squaredDistanceInPlace,
} from "../numeric/cholesky.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "../numeric/matrix.ts";
import { quantile } from "../numeric/statistics.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import type { ModelJson, PointDetector } from "./detector.ts";

/** Options for {@linkcode MahalanobisDetector.fit}. */
export type MahalanobisOptions = {
  /** Share of the rows that count, above 0, up to 1. @default {0.9} */
  keptShare?: number;
  /** Concentration steps; 0 keeps all rows. @default {2} */
  steps?: number;
  /**
   * Part of the mean variance that is added to each, above 0, so that columns
   * that hang together have a distance. @default {1e-3}
   */
  ridge?: number;
};

const KIND = "mahalanobis";
const ACTION = "fit MahalanobisDetector";
const MOST_FEATURES = 10_000;

/** A fitted detector. */
export class MahalanobisDetector implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The number of features d that it was fitted on. */
  readonly featureCount: number;
  /** What values are divided by, so that squares stay finite. */
  readonly #scale: number;
  readonly #mean: Float64Array;
  /** The Cholesky factor of the covariance, shape `(d, d)`. */
  readonly #factor: Float64Array;

  private constructor(scale: number, { mean, factor }: Bulk) {
    this.featureCount = mean.length;
    this.#scale = scale;
    this.#mean = mean;
    this.#factor = factor;
  }

  /**
   * Fits mean and covariance.
   *
   * @param x Training rows, shape `(n, d)`, n >= 2; features of one unit.
   * @param options How many rows count.
   * @returns The fitted detector.
   * @throws {RangeError} If there are too few rows, a value is not finite or an
   * option out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { MahalanobisDetector } from "lib/detect/mahalanobis.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const rows = matrixFromRows([[1, 1], [2, 2], [3, 3], [4, 4], [2, 3]]);
   * const scores = MahalanobisDetector.fit(rows, { steps: 0 }).score(rows);
   * assert.equal(scores.indexOf(Math.max(...scores)), 4);
   * ```
   */
  static fit(x: Matrix, options: MahalanobisOptions = {}): MahalanobisDetector {
    const { keptShare = 0.9, steps = 2, ridge = 1e-3 } = options;
    checkMatrix(x, ACTION, { minimumRows: 2 });
    checkNumber(keptShare, "keptShare", ACTION, { minimum: 0.5, maximum: 1 });
    checkNumber(steps, "steps", ACTION, { minimum: 0, integer: true });
    checkNumber(ridge, "ridge", ACTION, { minimum: 0, exclusive: true });
    const scale = x.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) ||
      1;
    const scaled = { ...x, data: x.data.map((value) => value / scale) };
    let bulk = bulkOf(scaled, new Uint8Array(x.rows).fill(1), ridge);
    for (let step = 0; step < steps; step++) {
      const distance = distances(scaled, bulk);
      const limit = quantile(distance, keptShare);
      const kept = Uint8Array.from(distance, (d) => d <= limit ? 1 : 0);
      bulk = bulkOf(scaled, kept, ridge);
    }
    return new MahalanobisDetector(scale, bulk);
  }

  /**
   * Scores rows.
   *
   * @param x Rows to score, shape `(n, d)`.
   * @returns Squared distances in standard deviations, shape `(n)`.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   */
  score(x: Matrix): Float64Array {
    checkMatrix(x, "score with MahalanobisDetector", {
      cols: this.featureCount,
    });
    const bulk = { mean: this.#mean, factor: this.#factor };
    const scaled = { ...x, data: x.data.map((value) => value / this.#scale) };
    return distances(scaled, bulk);
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode MahalanobisDetector.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    return {
      kind: this.kind,
      featureCount: this.featureCount,
      scale: this.#scale,
      mean: encodeArray(this.#mean),
      factor: encodeArray(this.#factor),
    };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode MahalanobisDetector.toJSON} gives.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): MahalanobisDetector {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const d = readNumber(object, "featureCount", {
      minimum: 1,
      maximum: MOST_FEATURES,
      integer: true,
    });
    const scale = readNumber(object, "scale", { minimum: Number.MIN_VALUE });
    const mean = decodeArray(object.mean, "float64", "mean", d);
    const factor = decodeArray(object.factor, "float64", "factor", d * d);
    const isFactor = mean.every((value) => Math.abs(value) <= 1) &&
      factor.every((value, i) =>
        i % (d + 1) === 0 ? value > 0 && value <= 2 : Math.abs(value) <= 2
      );
    if (!isFactor) {
      throw new SyntaxError(
        "Cannot load model: mean or factor holds what no covariance of scaled values has",
      );
    }
    return new MahalanobisDetector(scale, { mean, factor });
  }
}

/** Mean and covariance factor of the rows that count. */
type Bulk = { mean: Float64Array; factor: Float64Array };

function bulkOf(x: Matrix, kept: Uint8Array, ridge: number): Bulk {
  const { data, rows, cols: d } = x;
  const count = kept.reduce((sum, flag) => sum + flag, 0);
  const mean = new Float64Array(d);
  for (let i = 0; i < rows; i++) {
    if (!kept[i]) continue;
    for (let a = 0; a < d; a++) mean[a] += data[i * d + a] / count;
  }
  const factor = new Float64Array(d * d);
  for (let i = 0; i < rows; i++) {
    if (!kept[i]) continue;
    for (let a = 0; a < d; a++) {
      const part = (data[i * d + a] - mean[a]) / count;
      for (let b = 0; b <= a; b++) {
        factor[a * d + b] += part * (data[i * d + b] - mean[b]);
      }
    }
  }
  let variance = 0;
  for (let a = 0; a < d; a++) variance += factor[a * d + a] / d;
  // Rows that are all alike have no variance: then any other is far away.
  const added = ridge * variance || Number.MIN_VALUE * 2 ** 500;
  for (let a = 0; a < d; a++) factor[a * d + a] += added;
  choleskyInPlace(factor, d);
  return { mean, factor };
}

function distances(x: Matrix, { mean, factor }: Bulk): Float64Array {
  const { data, rows, cols: d } = x;
  const away = new Float64Array(d);
  return Float64Array.from({ length: rows }, (_, i) => {
    for (let a = 0; a < d; a++) away[a] = data[i * d + a] - mean[a];
    const distance = squaredDistanceInPlace(factor, away);
    return distance <= Number.MAX_VALUE ? distance : Number.MAX_VALUE;
  });
}
