/**
 * Scalers, encoders and calendar features. Scalers and encoders are fitted on
 * training rows only; nothing here looks at the rows that it transforms to
 * choose its parameters.
 *
 * @module
 */

import { checkValues } from "../numeric/checks.ts";
import { readObject, readTexts } from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "../numeric/matrix.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import type { Categories } from "./request_log.ts";

const MS_PER_HOUR = 3_600_000;
const HOURS_PER_DAY = 24;
const HOURS_PER_WEEK = 168;
/** 1970-01-01 was a Thursday, three days after a Monday. */
const EPOCH_IN_WEEK_MS = 3 * HOURS_PER_DAY * MS_PER_HOUR;
const MAXIMUM_CATEGORIES = 10_000;

/**
 * Shifts and scales each column: `(x - offset) / scale`. Constant columns have
 * scale 1, so that they become 0 instead of NaN.
 */
export class LinearScaler {
  /** What is taken from each column, shape `(d)`. */
  readonly offset: Float64Array;
  /** What each column is then divided by, shape `(d)`, never 0. */
  readonly scale: Float64Array;

  private constructor(offset: Float64Array, scale: Float64Array) {
    this.offset = offset;
    this.scale = scale.map((value) => value > 0 ? value : 1);
    checkValues(this.scale, "scale", "fit a scaler");
  }

  /**
   * Fits to mean 0 and standard deviation 1 (divisor n), as scikit-learn's
   * `StandardScaler`.
   *
   * @param x Training rows, shape `(n, d)`.
   * @returns The fitted scaler.
   * @throws {RangeError} If `x` has no rows or a value that is not finite.
   */
  static fitStandard(x: Matrix): LinearScaler {
    checkMatrix(x, "fit a scaler");
    const { rows, cols, data } = x;
    const mean = new Float64Array(cols);
    const variance = new Float64Array(cols);
    const isConstant = new Uint8Array(cols).fill(1);
    data.forEach((value, k) => {
      mean[k % cols] += value / rows;
      if (value !== data[k % cols]) isConstant[k % cols] = 0;
    });
    data.forEach((value, k) =>
      variance[k % cols] += (value - mean[k % cols]) ** 2 / rows
    );
    // Rounding gives even equal values a mean of their own.
    return new LinearScaler(
      mean.map((center, j) => isConstant[j] ? data[j] : center),
      variance.map((square, j) => isConstant[j] ? 0 : Math.sqrt(square)),
    );
  }

  /**
   * Fits the least value to 0 and the greatest to 1, as scikit-learn's
   * `MinMaxScaler`. Later values may fall outside.
   *
   * @param x Training rows, shape `(n, d)`.
   * @returns The fitted scaler.
   * @throws {RangeError} If `x` has no rows or a value that is not finite.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { LinearScaler } from "lib/logs/preprocessing.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows([[10], [30]]);
   * const scaler = LinearScaler.fitMinMax(x);
   * assert.equal(scaler.transform(matrixFromRows([[20]])).data[0], 0.5);
   * ```
   */
  static fitMinMax(x: Matrix): LinearScaler {
    checkMatrix(x, "fit a scaler");
    const least = new Float64Array(x.cols).fill(Infinity);
    const greatest = new Float64Array(x.cols).fill(-Infinity);
    x.data.forEach((value, k) => {
      const j = k % x.cols;
      least[j] = Math.min(least[j], value);
      greatest[j] = Math.max(greatest[j], value);
    });
    return new LinearScaler(least, greatest.map((top, j) => top - least[j]));
  }

  /**
   * Scales rows.
   *
   * @param x Rows, shape `(n, d)`.
   * @returns The scaled rows, shape `(n, d)`, without unit.
   * @throws {RangeError} If the width differs from training or a value is not
   * finite.
   */
  transform(x: Matrix): Matrix {
    checkMatrix(x, "scale", { cols: this.offset.length });
    const { offset, scale } = this;
    const data = x.data.map((value, k) =>
      (value - offset[k % x.cols]) / scale[k % x.cols]
    );
    return { ...x, data };
  }

  /**
   * Undoes {@linkcode LinearScaler.transform}.
   *
   * @param x Scaled rows, shape `(n, d)`.
   * @returns Rows in the units of the training rows, shape `(n, d)`.
   * @throws {RangeError} If the width differs from training or a value is not
   * finite.
   */
  inverse(x: Matrix): Matrix {
    checkMatrix(x, "unscale", { cols: this.offset.length });
    const { offset, scale } = this;
    const data = x.data.map((value, k) =>
      value * scale[k % x.cols] + offset[k % x.cols]
    );
    return { ...x, data };
  }

  /**
   * Gives the parameters for a model file.
   *
   * @returns The scaler as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return { offset: encodeArray(this.offset), scale: encodeArray(this.scale) };
  }

  /**
   * Loads a scaler.
   *
   * @param json Untrusted JSON, as {@linkcode LinearScaler.toJSON} gives it.
   * @returns The scaler.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): LinearScaler {
    const object = readObject(json, "scaler");
    const offset = decodeArray(object.offset, "float64", "scaler.offset");
    const scale = decodeArray(
      object.scale,
      "float64",
      "scaler.scale",
      offset.length,
    );
    if (!scale.every((value) => value > 0)) {
      throw new SyntaxError("Cannot load model: scaler.scale is not above 0");
    }
    return new LinearScaler(offset, scale);
  }
}

/**
 * Encodes a column of categories as one column of 0 and 1 for each category
 * that training rows held, most frequent first; a category unknown in training
 * is 0 everywhere. Category numbers are never treated as quantities.
 */
export class OneHotEncoder {
  /** The categories that have a column, most frequent first. */
  readonly names: readonly string[];

  private constructor(names: readonly string[]) {
    this.names = names;
  }

  /**
   * Learns the categories of training rows.
   *
   * @param column Training rows.
   * @param options The greatest number of categories that get a column of
   * their own (default 20); rarer ones are 0 everywhere.
   * @returns The fitted encoder.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { OneHotEncoder } from "lib/logs/preprocessing.ts";
   * import { categoriesOf } from "lib/logs/request_log.ts";
   *
   * const encoder = OneHotEncoder.fit(categoriesOf(["GET", "PUT", "GET"]));
   * const x = encoder.transform(categoriesOf(["PUT", "PATCH"]));
   * assert.deepEqual([...x[0]], [0, 0]); // GET
   * assert.deepEqual([...x[1]], [1, 0]); // PUT
   * ```
   */
  static fit(
    column: Categories,
    options: { maximumCategories?: number } = {},
  ): OneHotEncoder {
    const { maximumCategories = 20 } = options;
    const counts = countCategories(column);
    const order = column.names.map((_, code) => code)
      .filter((code) => counts[code] > 0)
      .sort((a, b) => counts[b] - counts[a])
      .slice(0, maximumCategories);
    return new OneHotEncoder(order.map((code) => column.names[code]));
  }

  /**
   * Encodes rows.
   *
   * @param column Rows, n of them.
   * @returns One column of 0 and 1 for each of `names`, each shape `(n)`.
   */
  transform(column: Categories): Float64Array[] {
    return this.names.map((name) => {
      const code = column.names.indexOf(name);
      return Float64Array.from(column.codes, (c) => c === code ? 1 : 0);
    });
  }

  /**
   * Gives the parameters for a model file.
   *
   * @returns The encoder as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return { names: this.names };
  }

  /**
   * Loads an encoder.
   *
   * @param json Untrusted JSON, as {@linkcode OneHotEncoder.toJSON} gives it.
   * @returns The encoder.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): OneHotEncoder {
    const object = readObject(json, "encoder");
    return new OneHotEncoder(readTexts(object, "names", MAXIMUM_CATEGORIES));
  }
}

/**
 * Encodes a column of categories by the share of training rows that had the
 * same one; a category unknown in training is 0.
 */
export class FrequencyEncoder {
  readonly #shareOf: ReadonlyMap<string, number>;

  private constructor(shareOf: ReadonlyMap<string, number>) {
    this.#shareOf = shareOf;
  }

  /**
   * Learns the categories' shares of training rows.
   *
   * @param column Training rows, at least one.
   * @returns The fitted encoder.
   */
  static fit(column: Categories): FrequencyEncoder {
    const counts = countCategories(column);
    const shares = column.names.map((name, code): [string, number] => [
      name,
      counts[code] / column.codes.length,
    ]);
    return new FrequencyEncoder(new Map(shares));
  }

  /**
   * Encodes rows.
   *
   * @param column Rows, n of them.
   * @returns The share of each row's category in training, 0 to 1, shape `(n)`.
   */
  transform(column: Categories): Float64Array {
    const shares = column.names.map((name) => this.#shareOf.get(name) ?? 0);
    return Float64Array.from(column.codes, (code) => shares[code]);
  }

  /**
   * Gives the parameters for a model file.
   *
   * @returns The encoder as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return {
      names: [...this.#shareOf.keys()],
      shares: encodeArray(Float64Array.from(this.#shareOf.values())),
    };
  }

  /**
   * Loads an encoder.
   *
   * @param json Untrusted JSON, as {@linkcode FrequencyEncoder.toJSON} gives
   * it.
   * @returns The encoder.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): FrequencyEncoder {
    const object = readObject(json, "encoder");
    const names = readTexts(object, "names", MAXIMUM_CATEGORIES);
    const shares = decodeArray(
      object.shares,
      "float64",
      "encoder.shares",
      names.length,
    );
    return new FrequencyEncoder(
      new Map(names.map((name, k) => [name, shares[k]])),
    );
  }
}

/** A time of the cycle as a point on the unit circle, so that its end meets
 * its beginning. */
export type CyclicTime = {
  /** Sine of the angle, shape `(n)`. */
  sin: Float64Array;
  /** Cosine of the angle, shape `(n)`. */
  cos: Float64Array;
};

/**
 * Hours since midnight, UTC, with their fraction.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, shape `(n)`.
 * @returns Hours in [0, 24), shape `(n)`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { hourOfDay } from "lib/logs/preprocessing.ts";
 *
 * const at = Float64Array.of(Date.parse("2026-01-05T06:30:00Z"));
 * assert.equal(hourOfDay(at)[0], 6.5);
 * ```
 */
export function hourOfDay(timestampMs: Float64Array): Float64Array {
  return timestampMs.map((at) =>
    modulo(at, HOURS_PER_DAY * MS_PER_HOUR) / MS_PER_HOUR
  );
}

/**
 * Hours since Monday midnight, UTC, with their fraction.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, shape `(n)`.
 * @returns Hours in [0, 168), shape `(n)`.
 */
export function hourOfWeek(timestampMs: Float64Array): Float64Array {
  return timestampMs.map((at) =>
    modulo(at + EPOCH_IN_WEEK_MS, HOURS_PER_WEEK * MS_PER_HOUR) / MS_PER_HOUR
  );
}

/**
 * The hour of the day on the unit circle, `sin(2π h / 24)` and `cos(2π h / 24)`:
 * 23:59 and 00:00 are neighbours.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, shape `(n)`.
 * @returns Sine and cosine, each shape `(n)`.
 */
export function cyclicHour(timestampMs: Float64Array): CyclicTime {
  return onCircle(hourOfDay(timestampMs), HOURS_PER_DAY);
}

/**
 * The time of the week on the unit circle, `sin(2π w / 168)` and
 * `cos(2π w / 168)` for w hours since Monday midnight.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, shape `(n)`.
 * @returns Sine and cosine, each shape `(n)`.
 */
export function cyclicWeek(timestampMs: Float64Array): CyclicTime {
  return onCircle(hourOfWeek(timestampMs), HOURS_PER_WEEK);
}

function onCircle(values: Float64Array, period: number): CyclicTime {
  const angle = values.map((value) => 2 * Math.PI * value / period);
  return { sin: angle.map(Math.sin), cos: angle.map(Math.cos) };
}

function modulo(value: number, period: number): number {
  return ((value % period) + period) % period;
}

function countCategories(column: Categories): Float64Array {
  const counts = new Float64Array(column.names.length);
  for (const code of column.codes) counts[code]++;
  return counts;
}
