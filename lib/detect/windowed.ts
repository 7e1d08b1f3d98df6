/**
 * A point detector on the windows of a series: each row is scored by the
 * window around it, or, to be causal, by the window that ends with it. Rows
 * nearer to an end than a window is wide have the score of the nearest window.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import {
  readBoolean,
  readNumber,
  readObject,
  readText,
} from "../numeric/json_fields.ts";
import type { Matrix } from "../numeric/matrix.ts";
import type { ModelJson, PointDetector, SeriesDetector } from "./detector.ts";

/** Options for {@linkcode WindowedDetector.fit}. */
export type WindowedOptions = {
  /** Rows in a window, at least 2. @default {6} */
  windowSize?: number;
  /** Whether a window ends with its row, rather than being centred on it.
   * @default {false} */
  isCausal?: boolean;
};

const KIND = "windowed";

/** A fitted detector for series. */
export class WindowedDetector implements SeriesDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** Whether the score of a row depends on no later row. */
  readonly isCausal: boolean;
  /** Rows in a window: the least number of rows that it scores. */
  readonly minimumRows: number;
  readonly #detector: PointDetector;

  private constructor(detector: PointDetector, isCausal: boolean) {
    this.isCausal = isCausal;
    this.minimumRows = detector.featureCount;
    this.#detector = detector;
  }

  /**
   * Fits a point detector on all windows of a series.
   *
   * @param values Training values at a regular step, shape `(n)`.
   * @param fit Fits the point detector, such as `IsolationForest.fit`.
   * @param options The size of a window, and where it lies.
   * @returns The fitted detector.
   * @throws {RangeError} If there are not more values than a window holds, one
   * is not finite, or an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { MahalanobisDetector } from "lib/detect/mahalanobis.ts";
   * import { WindowedDetector } from "lib/detect/windowed.ts";
   *
   * // 0.5 is as usual as any value, but not where it stands.
   * const values = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i / 5));
   * values[57] = 0.5;
   * const detector = await WindowedDetector.fit(
   *   values,
   *   (windows) => MahalanobisDetector.fit(windows),
   *   { windowSize: 3 },
   * );
   * const scores = detector.score(values);
   * assert.equal(scores.indexOf(Math.max(...scores)), 57);
   * ```
   */
  static async fit(
    values: Float64Array,
    fit: (windows: Matrix) => PointDetector | Promise<PointDetector>,
    options: WindowedOptions = {},
  ): Promise<WindowedDetector> {
    const { windowSize = 6, isCausal = false } = options;
    const action = "fit WindowedDetector";
    checkNumber(windowSize, "windowSize", action, {
      minimum: 2,
      integer: true,
    });
    checkValues(values, "values", action);
    checkNumber(values.length, "the number of values", action, {
      minimum: windowSize + 1,
    });
    const detector = await fit(windowsOf(values, windowSize));
    return new WindowedDetector(detector, isCausal);
  }

  /**
   * Scores the rows of a series.
   *
   * @param values Values at a regular step, shape `(n)`.
   * @returns The scores of the windows, shape `(n)`.
   * @throws {RangeError} If there are fewer values than a window holds, or one
   * is not finite.
   */
  score(values: Float64Array): Float64Array {
    const action = "score with WindowedDetector";
    checkValues(values, "values", action);
    checkNumber(values.length, "the number of values", action, {
      minimum: this.minimumRows,
    });
    const size = this.minimumRows;
    const scores = this.#detector.score(windowsOf(values, size));
    const before = this.isCausal ? size - 1 : (size - 1) >> 1;
    return values.map((_, row) =>
      scores[Math.min(Math.max(row - before, 0), scores.length - 1)]
    );
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode WindowedDetector.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    return {
      kind: this.kind,
      windowSize: this.minimumRows,
      isCausal: this.isCausal,
      detector: this.#detector,
    };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode WindowedDetector.toJSON} gives.
   * @param load Loads the point detector, such as `IsolationForest.fromJSON`.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static async fromJSON(
    json: unknown,
    load: (json: unknown) => PointDetector | Promise<PointDetector>,
  ): Promise<WindowedDetector> {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const windowSize = readNumber(object, "windowSize", {
      minimum: 2,
      integer: true,
    });
    const isCausal = readBoolean(object, "isCausal");
    const detector = await load(object.detector);
    if (detector.featureCount !== windowSize) {
      throw new SyntaxError(
        `Cannot load model: windowSize is ${windowSize}, expected the detector's ${detector.featureCount} features`,
      );
    }
    return new WindowedDetector(detector, isCausal);
  }
}

/** All windows of a series as rows, shape `(n - size + 1, size)`. */
function windowsOf(values: Float64Array, size: number): Matrix {
  const rows = values.length - size + 1;
  const data = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    data.set(values.subarray(row, row + size), row * size);
  }
  return { data, rows, cols: size };
}
