/**
 * Points with Gaussian kernels `exp(-gamma * |a - b|^2)` between them and any
 * queries, in double precision. They lie in the memory of a WebAssembly kernel
 * where the engine has SIMD and the work is worth it; a plain loop does the
 * same operations in the same order, so both give the same bits.
 *
 * @see S. L. Moshier, Cephes Mathematical Library, `exp.c`, for e^x.
 *
 * @module
 */

import { wasmBase64 } from "./rbf_wasm.ts";

/** A row-major table of queries, shape `(count, cols)`. */
export type Rows = { readonly data: Float64Array; readonly rows: number };

/** What the kernel exports; addresses are bytes in its memory. */
type RbfFunctions = {
  rbfRows(...args: number[]): void;
  rbfSums(...args: number[]): void;
  heapBase(): number;
};

/** The kernel with the points in its memory, and the addresses of the rest. */
type Loaded = {
  functions: RbfFunctions;
  buffer: ArrayBuffer;
  points: number;
  weights: number;
  queries: number;
  out: number;
};

const PAGE_BYTES = 65_536;
const DOUBLE_BYTES = 8;
/** The kernel works on 8 points at a time. */
const LANES = 8;
const ALIGNMENT = 64;
/** Queries that go through the kernel in one call, and their kernel rows. */
const BLOCK_QUERIES = 1024;
const BLOCK_VALUES = 2 ** 17;
/** Points and rows beyond this stay out of the kernel's memory. */
const MAXIMUM_VALUES = 2 ** 26;
/** Fewer kernel values than this in one call are not worth an instance. */
const WORTH_LOADING = 2 ** 16;

/** Points with a Gaussian kernel. */
export class RbfPoints {
  /** How far apart rows of kernel values lie: n padded to a multiple of 8. */
  readonly stride: number;
  readonly #rows: number;
  readonly #cols: number;
  readonly #gamma: number;
  /** Column by column, each padded with zeros. */
  readonly #columns: Float64Array;
  #loaded: Loaded | undefined;
  #row = new Float64Array(0);

  /**
   * Copies points.
   *
   * @param points The points, row-major, shape `(n, d)`.
   * @param gamma The kernel's gamma, above 0.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { RbfPoints } from "lib/kernels/rbf_points.ts";
   *
   * const data = Float64Array.of(0, 2);
   * const points = new RbfPoints({ data, rows: 2, cols: 1 }, Math.LN2);
   * const row = points.row(Float64Array.of(1));
   * assert.deepEqual([...row], [0.5, 0.5]);
   * ```
   */
  constructor(points: Rows & { readonly cols: number }, gamma: number) {
    const { data, rows, cols } = points;
    const stride = Math.ceil(rows / LANES) * LANES;
    const columns = new Float64Array(cols * stride);
    for (let i = 0, k = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++, k++) columns[j * stride + i] = data[k];
    }
    this.stride = stride;
    this.#rows = rows;
    this.#cols = cols;
    this.#gamma = gamma;
    this.#columns = columns;
  }

  /** How many queries {@linkcode RbfPoints.block} takes at once, at least 1. */
  get blockQueries(): number {
    const fitting = Math.floor(BLOCK_VALUES / this.stride);
    return Math.min(Math.max(fitting, 1), BLOCK_QUERIES);
  }

  /**
   * The kernel between one query and each point.
   *
   * @param query The query, shape `(d)`.
   * @returns The values, shape `(n)`, until the next call of any method.
   */
  row(query: Float64Array): Float64Array {
    return this.block({ data: query, rows: 1 }).subarray(0, this.#rows);
  }

  /**
   * The kernel between some queries and each point.
   *
   * @param queries At most {@linkcode RbfPoints.blockQueries} rows.
   * @returns Rows of values, {@linkcode RbfPoints.stride} apart, until the next
   * call of any method; what stands in the padding means nothing.
   */
  block(queries: Rows): Float64Array {
    const { data, rows } = queries;
    const loaded = this.#load();
    if (!loaded) return this.#plainBlock(queries);
    const { functions, buffer, points, queries: at, out } = loaded;
    new Float64Array(buffer, at, data.length).set(data);
    functions.rbfRows(
      ...[at, rows, this.#cols, points, this.stride, this.#gamma, out],
    );
    return new Float64Array(buffer, out, rows * this.stride);
  }

  /**
   * Weighted sums of kernels, `Σ_k weights[k] * K(query, point k)`.
   *
   * @param queries The queries, any number m of them.
   * @param weights One weight a point, shape `(n)`.
   * @returns One sum a query, shape `(m)`; the same whatever the other queries.
   */
  sums(queries: Rows, weights: Float64Array): Float64Array {
    const work = queries.rows * this.#rows;
    const loaded = work < WORTH_LOADING ? this.#loaded : this.#load();
    if (!loaded) return this.#plainSums(queries, weights);
    const { functions, buffer, points, queries: at, out } = loaded;
    const padded = new Float64Array(buffer, loaded.weights, this.stride);
    padded.fill(0).set(weights);
    const sums = new Float64Array(queries.rows);
    for (let start = 0; start < queries.rows; start += BLOCK_QUERIES) {
      const count = Math.min(BLOCK_QUERIES, queries.rows - start);
      const values = count * this.#cols;
      new Float64Array(buffer, at, values).set(
        queries.data.subarray(start * this.#cols, start * this.#cols + values),
      );
      functions.rbfSums(
        ...[at, count, this.#cols, points, this.stride, this.#gamma],
        ...[loaded.weights, out],
      );
      sums.set(new Float64Array(buffer, out, count), start);
    }
    return sums;
  }

  #load(): Loaded | undefined {
    this.#loaded ??= loadPoints(this.#columns, this.stride);
    return this.#loaded;
  }

  #plainBlock({ data, rows }: Rows): Float64Array {
    const length = rows * this.stride;
    if (this.#row.length < length) this.#row = new Float64Array(length);
    for (let i = 0; i < rows; i++) {
      const query = data.subarray(i * this.#cols, (i + 1) * this.#cols);
      this.#plainRow(query, this.#row.subarray(i * this.stride));
    }
    return this.#row.subarray(0, length);
  }

  #plainSums({ data, rows }: Rows, weights: Float64Array): Float64Array {
    const row = new Float64Array(this.stride);
    return Float64Array.from({ length: rows }, (_, i) => {
      this.#plainRow(data.subarray(i * this.#cols, (i + 1) * this.#cols), row);
      let even = 0, odd = 0;
      for (let k = 0; k < weights.length; k += 2) {
        even += row[k] * weights[k];
        if (k + 1 < weights.length) odd += row[k + 1] * weights[k + 1];
      }
      return even + odd;
    });
  }

  #plainRow(query: Float64Array, out: Float64Array): void {
    const { stride } = this;
    const columns = this.#columns;
    for (let k = 0; k < this.#rows; k++) {
      // Not |a|^2 + |b|^2 - 2 a · b, which cancels digits far from the origin.
      let squared = 0;
      for (let j = 0, at = k; j < query.length; j++, at += stride) {
        const difference = columns[at] - query[j];
        squared += difference * difference;
      }
      out[k] = expOfNegative(squared * -this.#gamma);
    }
  }
}

/** Below this e^x is not a normal double. */
const LEAST_EXPONENT = -708;
/** 1.5 * 2^52, added to a double below 2^51, rounds it to an integer. */
const ROUNDER = 6755399441055744;
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.42860682030941723212e-6;
const LEAST_POWER = -1022;
/** 2^n for n from -1022 to 0. */
const POWERS = Float64Array.from(
  { length: 1 - LEAST_POWER },
  (_, k) => 2 ** (k + LEAST_POWER),
);

/**
 * e^x for x <= 0 to a unit in the last place, as the kernel computes it: 3e-308
 * where it would be less.
 *
 * @param x The exponent, 0 or below.
 * @returns e^x.
 */
export function expOfNegative(x: number): number {
  const bounded = x < LEAST_EXPONENT ? LEAST_EXPONENT : x;
  const n = bounded * Math.LOG2E + ROUNDER - ROUNDER;
  const r = bounded - n * LN2_HIGH - n * LN2_LOW;
  const square = r * r;
  const p = ((1.26177193074810590878e-4 * square +
        3.02994407707441961300e-2) * square + 9.99999999999999999910e-1) * r;
  const q = ((3.00198505138664455042e-6 * square +
            2.52448340349684104192e-3) * square + 2.27265548208155028766e-1) *
      square +
    2;
  return (1 + 2 * (p / (q - p))) * POWERS[n - LEAST_POWER];
}

/** Puts points into an instance of their own, where the engine has SIMD. */
function loadPoints(
  columns: Float64Array,
  stride: number,
): Loaded | undefined {
  const cols = columns.length / stride;
  const queryValues = BLOCK_QUERIES * cols;
  const outValues = Math.max(BLOCK_VALUES, stride);
  const values = columns.length + stride + queryValues + outValues;
  const module = compiled();
  if (!module || values > MAXIMUM_VALUES) return undefined;
  const room = values * DOUBLE_BYTES + PAGE_BYTES;
  const initial = Math.ceil(room / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial, maximum: initial });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const functions = exports as RbfFunctions;
  const { buffer } = memory;
  const points = Math.ceil(functions.heapBase() / ALIGNMENT) * ALIGNMENT;
  const weights = points + columns.length * DOUBLE_BYTES;
  const queries = weights + stride * DOUBLE_BYTES;
  const out = queries + queryValues * DOUBLE_BYTES;
  new Float64Array(buffer, points, columns.length).set(columns);
  return { functions, buffer, points, weights, queries, out };
}

/** The module, if this engine runs it; it is two kilobytes. */
function compiled(): WebAssembly.Module | undefined {
  const binary = Uint8Array.from(
    atob(wasmBase64.replaceAll("\n", "")),
    (character) => character.charCodeAt(0),
  );
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(binary)
    ? new WebAssembly.Module(binary)
    : undefined;
}
