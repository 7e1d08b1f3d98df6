/**
 * The hybrid of a series as a detector of feature rows, as an analysis takes
 * them: it looks at the first feature, the value, in the order of the rows.
 *
 * @module
 */

import type { ModelJson, PointDetector } from "./detect/detector.ts";
import type { HybridDetector } from "./detect/hybrid.ts";
import { SERIES_FEATURES } from "./logs/features.ts";
import type { Categories } from "./logs/request_log.ts";
import { stretchStarts } from "./logs/stretches.ts";
import { readObject, readText } from "./numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "./numeric/matrix.ts";
import {
  fitSeriesHybrid,
  loadSeriesHybrid,
  WINDOW_SIZES,
} from "./series_hybrid.ts";

const KIND = "series_hybrid";
/** Enough to part equal scores, too little to reorder others. */
const OWN_SHARE = 1e-6;
const LONGEST_WINDOW = Math.max(...WINDOW_SIZES);

/** Options for {@linkcode HybridRows.judge}. */
export type HybridRowsOptions = {
  /** Times of the rows in milliseconds, ascending, shape `(n)`.
   * @default {undefined}, a series without gaps */
  timestampMs?: Float64Array | undefined;
};

/** What a hybrid says of rows. */
export type JudgedRows = {
  /** The evidence of each row, shape `(n)`. */
  readonly score: Float64Array;
  /** The member that speaks loudest for each row, shape `(n)`. */
  readonly loudest: Categories;
};

/** A hybrid, fitted on the rows of a series. */
export class HybridRows implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The features of a series. */
  readonly featureCount: number = SERIES_FEATURES.length;
  readonly #hybrid: HybridDetector;

  private constructor(hybrid: HybridDetector) {
    this.#hybrid = hybrid;
  }

  /**
   * Fits the hybrid.
   *
   * @param x Features of a series in order of time, shape `(n, 2)`.
   * @returns The fitted hybrid.
   * @throws {RangeError} If there are fewer than 60 rows.
   */
  static async fit(x: Matrix): Promise<HybridRows> {
    return new HybridRows(await fitSeriesHybrid(valuesOf(x)));
  }

  /**
   * Scores rows, each beside those around it: their order matters.
   *
   * @param x Features of a series in order of time, shape `(n, 2)`.
   * @param options As of {@linkcode HybridRows.judge}.
   * @returns The evidence of each row, shape `(n)`.
   * @throws {RangeError} As {@linkcode HybridRows.judge}.
   */
  score(x: Matrix, options: HybridRowsOptions = {}): Float64Array {
    return this.judge(x, options).score;
  }

  /**
   * Scores rows and tells which member speaks loudest for each. Rows count as
   * one step apart, whatever their times, but where more than twelve usual
   * steps lie between two of them, as many as the longest shape has, no shape
   * reaches over the gap: rows on both sides are judged as at an end of the
   * series. A stretch of less than twelve rows goes with the next one.
   *
   * @param x Features of a series in order of time, shape `(n, 2)`.
   * @param options The times of the rows.
   * @returns The evidence of each row and its loudest member, shape `(n)`.
   * @throws {RangeError} If there are fewer than 12 rows or a value is not
   * finite.
   */
  judge(x: Matrix, options: HybridRowsOptions = {}): JudgedRows {
    const { timestampMs } = options;
    const values = valuesOf(x);
    const leastRows = this.#hybrid.minimumRows;
    const starts = timestampMs
      ? stretchStarts(timestampMs, { gapSteps: LONGEST_WINDOW, leastRows })
      : Uint32Array.of(0);
    const score = new Float64Array(values.length);
    const codes = new Uint32Array(values.length);
    starts.forEach((start, k) => {
      const parts = this.#hybrid.explain(values.slice(start, starts[k + 1]));
      const evidence = this.#hybrid.evidenceOf(parts);
      for (let row = 0; row < parts.rows; row++) {
        const own = parts.data.subarray(
          row * parts.cols,
          (row + 1) * parts.cols,
        );
        // Rows around an anomaly share its evidence: its own row comes first.
        score[start + row] = evidence[row] +
          OWN_SHARE * own.reduce((a, b) => a + b, 0);
        codes[start + row] = own.indexOf(Math.max(...own));
      }
    });
    return { score, loudest: { codes, names: this.#hybrid.members } };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode HybridRows.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    return { kind: this.kind, hybrid: this.#hybrid };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode HybridRows.toJSON} gives it.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static async fromJSON(json: unknown): Promise<HybridRows> {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    return new HybridRows(await loadSeriesHybrid(object.hybrid));
  }
}

function valuesOf(x: Matrix): Float64Array {
  checkMatrix(x, "take a series from rows", { cols: SERIES_FEATURES.length });
  return Float64Array.from({ length: x.rows }, (_, i) => x.data[i * x.cols]);
}
