/**
 * Rows that lie off the few directions in which training rows vary. Rows are
 * turned to the principal components of the covariance; the leading ones,
 * which hold a given share of the variance, are the major ones, the others the
 * minor ones. A row is scored by
 *
 * - `reconstruction`: `Σ y²` over the minor components, the squared distance
 *   from what the major ones make of it;
 * - `minor`: `Σ y² / λ` over the minor components, where each counts alike: a
 *   row that breaks how features hang together;
 * - `major`: `Σ y² / λ` over the major ones: a row that is extreme as usual
 *   rows are, only more so.
 *
 * The rows furthest away are left out and the components fitted once more.
 *
 * @see M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang, A Novel Anomaly
 * Detection Scheme Based on Principal Component Classifier (2003).
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix, selectRows } from "../numeric/matrix.ts";
import { quantile } from "../numeric/statistics.ts";
import { symmetricEigen } from "../numeric/symmetric_eigen.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import type { ModelJson, PointDetector } from "./detector.ts";

/** What a row is scored by, see above. */
export type ComponentScore = "reconstruction" | "minor" | "major";

/** Options for {@linkcode PrincipalComponents.fit}. */
export type PrincipalComponentsOptions = {
  /** What a row is scored by. @default {"reconstruction"} */
  scoreBy?: ComponentScore;
  /** Share of the variance that the major components hold at least, above 0,
   * below 1. @default {0.9} */
  majorShare?: number;
  /** Share of the rows, the furthest, that are left out of the second fit, 0 to
   * 0.5; 0 keeps all. @default {0.005} */
  trimmedShare?: number;
};

const KIND = "principal_components";
const ACTION = "fit PrincipalComponents";
const SCORES = ["reconstruction", "minor", "major"] as const;
const MOST_FEATURES = 1000;
/** Of the mean variance: components with less count as if they had it. */
const LEAST_VARIANCE = 1e-9;

type Components = {
  readonly scoreBy: ComponentScore;
  readonly majorCount: number;
  /** What values are divided by, so that squares stay finite. */
  readonly scale: number;
  readonly mean: Float64Array;
  /** Variances, descending, above 0, shape `(d)`. */
  readonly variances: Float64Array;
  /** Unit vectors as rows, shape `(d, d)`. */
  readonly vectors: Float64Array;
};

/** A fitted detector. */
export class PrincipalComponents implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The number of features d that it was fitted on. */
  readonly featureCount: number;
  /** How many components are major ones. */
  readonly majorCount: number;
  readonly #components: Components;

  private constructor(components: Components) {
    this.featureCount = components.mean.length;
    this.majorCount = components.majorCount;
    this.#components = components;
  }

  /**
   * Fits the components.
   *
   * @param x Training rows, shape `(n, d)`, n >= 2, 2 <= d <= 1000; features
   * of one unit.
   * @param options What counts.
   * @returns The fitted detector.
   * @throws {TypeError} If `scoreBy` is unknown.
   * @throws {RangeError} If there are too few rows or features or too many
   * features, a value is not finite, or an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { PrincipalComponents } from "lib/detect/principal_components.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * // Both features are alike; 3 beside 2 is not.
   * const rows = matrixFromRows([[1, 1], [2, 2], [8, 8], [4, 4], [2, 3]]);
   * const scores = PrincipalComponents.fit(rows).score(rows);
   * assert.equal(scores.indexOf(Math.max(...scores)), 4);
   * ```
   */
  static fit(
    x: Matrix,
    options: PrincipalComponentsOptions = {},
  ): PrincipalComponents {
    const { scoreBy = "reconstruction" } = options;
    const { majorShare = 0.9, trimmedShare = 0.005 } = options;
    checkScore(scoreBy);
    checkMatrix(x, ACTION, { minimumRows: 2 });
    checkNumber(x.cols, "the number of features", ACTION, {
      minimum: 2,
      maximum: MOST_FEATURES,
    });
    checkNumber(majorShare, "majorShare", ACTION, {
      minimum: 0,
      maximum: 1,
      exclusive: true,
    });
    checkNumber(trimmedShare, "trimmedShare", ACTION, {
      minimum: 0,
      maximum: 0.5,
    });
    const scale = x.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) ||
      1;
    const settings = { scoreBy, majorShare, scale };
    const components = componentsOf(x, settings);
    if (trimmedShare === 0) return new PrincipalComponents(components);
    const distance = scoresOf(x, components, 0, x.cols);
    const limit = quantile(distance, 1 - trimmedShare);
    const kept = Array.from(distance.keys())
      .filter((row) => distance[row] <= limit);
    return new PrincipalComponents(
      kept.length < 2
        ? components
        : componentsOf(selectRows(x, kept), settings),
    );
  }

  /**
   * Scores rows.
   *
   * @param x Rows to score, shape `(n, d)`.
   * @returns Sums of squares, of the features for `reconstruction`, else
   * in standard deviations, shape `(n)`.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   */
  score(x: Matrix): Float64Array {
    checkMatrix(x, "score with PrincipalComponents", {
      cols: this.featureCount,
    });
    const { scoreBy, majorCount } = this.#components;
    return scoreBy === "major"
      ? scoresOf(x, this.#components, 0, majorCount)
      : scoresOf(x, this.#components, majorCount, this.featureCount);
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode PrincipalComponents.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    const { scoreBy, majorCount, scale, mean, variances, vectors } =
      this.#components;
    return {
      kind: this.kind,
      featureCount: this.featureCount,
      scoreBy,
      majorCount,
      scale,
      mean: encodeArray(mean),
      variances: encodeArray(variances),
      vectors: encodeArray(vectors),
    };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode PrincipalComponents.toJSON}
   * gives.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): PrincipalComponents {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const d = readNumber(object, "featureCount", {
      minimum: 2,
      maximum: MOST_FEATURES,
      integer: true,
    });
    const components = {
      scoreBy: readText<ComponentScore>(object, "scoreBy", SCORES),
      majorCount: readNumber(object, "majorCount", {
        minimum: 1,
        maximum: d - 1,
        integer: true,
      }),
      scale: readNumber(object, "scale", { minimum: Number.MIN_VALUE }),
      mean: decodeArray(object.mean, "float64", "mean", d),
      variances: decodeArray(object.variances, "float64", "variances", d),
      vectors: decodeArray(object.vectors, "float64", "vectors", d * d),
    };
    const isPossible = components.mean.every((m) => Math.abs(m) <= 1) &&
      components.variances.every((v) => v > 0 && v <= 2 * d) &&
      components.vectors.every((v) => Math.abs(v) <= 1 + 1e-9);
    if (!isPossible) {
      throw new SyntaxError(
        "Cannot load model: mean, variances or vectors hold what no covariance of scaled values has",
      );
    }
    return new PrincipalComponents(components);
  }
}

function componentsOf(
  x: Matrix,
  { scoreBy, majorShare, scale }: {
    scoreBy: ComponentScore;
    majorShare: number;
    scale: number;
  },
): Components {
  const { data, rows, cols: d } = x;
  const mean = new Float64Array(d);
  for (let k = 0; k < data.length; k++) mean[k % d] += data[k] / scale / rows;
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < rows; i++) {
    for (let a = 0; a < d; a++) {
      const part = (data[i * d + a] / scale - mean[a]) / rows;
      for (let b = 0; b <= a; b++) {
        covariance[a * d + b] += part * (data[i * d + b] / scale - mean[b]);
      }
    }
  }
  const { values, vectors } = symmetricEigen(covariance, d);
  const total = values.reduce((sum, value) => sum + Math.max(value, 0), 0);
  const least = LEAST_VARIANCE * total / d || Number.MIN_VALUE * 2 ** 500;
  let majorCount = 0;
  for (let held = 0; majorCount < d - 1 && held < majorShare * total;) {
    held += Math.max(values[majorCount++], 0);
  }
  return {
    scoreBy,
    scale,
    mean,
    majorCount: Math.max(majorCount, 1),
    variances: values.map((value) => Math.max(value, least)),
    vectors,
  };
}

/** The sum of squares over some components, see above. */
function scoresOf(
  x: Matrix,
  { scoreBy, scale, mean, variances, vectors }: Components,
  first: number,
  end: number,
): Float64Array {
  const { data, rows, cols: d } = x;
  const isWeighted = scoreBy !== "reconstruction" || first === 0;
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = first; k < end; k++) {
      let y = 0;
      for (let j = 0; j < d; j++) {
        y += vectors[k * d + j] * (data[i * d + j] / scale - mean[j]);
      }
      sum += isWeighted ? y * y / variances[k] : (y * scale) ** 2;
    }
    return sum <= Number.MAX_VALUE ? sum : Number.MAX_VALUE;
  });
}

function checkScore(scoreBy: string): void {
  if ((SCORES as readonly string[]).includes(scoreBy)) return;
  throw new TypeError(
    `Cannot ${ACTION}: scoreBy is "${scoreBy}", expected ${SCORES.join(", ")}`,
  );
}
