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
import { readObject, readText } from "./numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "./numeric/matrix.ts";
import { fitSeriesHybrid, loadSeriesHybrid } from "./series_hybrid.ts";

const KIND = "series_hybrid";
/** Enough to part equal scores, too little to reorder others. */
const OWN_SHARE = 1e-6;

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
   * @returns The evidence of each row, shape `(n)`.
   * @throws {RangeError} If there are fewer than 12 rows or a value is not
   * finite.
   */
  score(x: Matrix): Float64Array {
    const values = valuesOf(x);
    const { data, cols } = this.#hybrid.explain(values);
    // Rows around an anomaly share its evidence: its own row comes first.
    return this.#hybrid.score(values).map((evidence, row) => {
      const own = data.subarray(row * cols, (row + 1) * cols);
      return evidence + OWN_SHARE * own.reduce((a, b) => a + b, 0);
    });
  }

  /**
   * Tells which member speaks loudest for each row.
   *
   * @param x As for {@linkcode HybridRows.score}.
   * @returns The members, shape `(n)`.
   * @throws {RangeError} As {@linkcode HybridRows.score}.
   */
  loudest(x: Matrix): Categories {
    const { data, rows, cols } = this.#hybrid.explain(valuesOf(x));
    const codes = Uint32Array.from({ length: rows }, (_, row) => {
      const said = data.subarray(row * cols, (row + 1) * cols);
      return said.indexOf(Math.max(...said));
    });
    return { codes, names: this.#hybrid.members };
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
