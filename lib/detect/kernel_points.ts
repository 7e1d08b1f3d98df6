/**
 * Points with a kernel of a support vector machine between them and any
 * queries: single rows of the kernel matrix, and weighted sums of them.
 *
 * @module
 */

import { RbfPoints } from "../kernels/rbf_points.ts";
import type { Matrix } from "../numeric/matrix.ts";
import type { SvmKernel } from "./svm_kernel.ts";

/** Points with a kernel. */
export type KernelPoints = {
  /** How far apart the rows of {@linkcode KernelPoints.block} lie, at least n. */
  readonly stride: number;
  /** How many queries {@linkcode KernelPoints.block} takes at once. */
  readonly blockQueries: number;
  /**
   * The kernel between some queries and each point.
   *
   * @param queries At most {@linkcode KernelPoints.blockQueries} rows.
   * @returns Rows of values, {@linkcode KernelPoints.stride} apart, until the
   * next call.
   */
  block(queries: Pick<Matrix, "data" | "rows">): Float64Array;
  /**
   * The kernel between one query and each point.
   *
   * @param query The query, shape `(d)`.
   * @returns The values, shape `(n)`, until the next call.
   */
  row(query: Float64Array): Float64Array;
  /**
   * Weighted sums of kernels, `Σ_k weights[k] * K(query, point k)`.
   *
   * @param queries The queries, shape `(m, d)`.
   * @param weights One weight a point, shape `(n)`.
   * @returns One sum a query, shape `(m)`; the same whatever the other queries.
   */
  sums(queries: Matrix, weights: Float64Array): Float64Array;
};

/**
 * Takes points.
 *
 * @param kernel The kernel.
 * @param x The points, shape `(n, d)`.
 * @returns The points with the kernel.
 */
export function kernelPoints(kernel: SvmKernel, x: Matrix): KernelPoints {
  return kernel.name === "rbf"
    ? new RbfPoints(x, kernel.gamma)
    : new ProductPoints(kernel, x);
}

/**
 * The kernel between each row and itself.
 *
 * @param kernel The kernel.
 * @param x The rows, shape `(n, d)`.
 * @returns The diagonal of the kernel matrix, shape `(n)`.
 */
export function kernelDiagonal(kernel: SvmKernel, x: Matrix): Float64Array {
  const diagonal = new Float64Array(x.rows);
  if (kernel.name === "rbf") return diagonal.fill(1);
  for (let i = 0, k = 0; i < x.rows; i++) {
    for (let j = 0; j < x.cols; j++, k++) diagonal[i] += x.data[k] ** 2;
  }
  return diagonal.map((product) => ofProduct(kernel, product));
}

const PRODUCT_QUERIES = 256;

/** All kernels but `rbf`: functions of the product `a · b`. */
type ProductKernel = Exclude<SvmKernel, { readonly name: "rbf" }>;

class ProductPoints implements KernelPoints {
  readonly #kernel: ProductKernel;
  readonly #x: Matrix;
  readonly stride: number;
  readonly blockQueries = PRODUCT_QUERIES;

  constructor(kernel: ProductKernel, x: Matrix) {
    this.#kernel = kernel;
    this.#x = x;
    this.stride = x.rows;
  }

  row(query: Float64Array): Float64Array {
    const { data, rows, cols } = this.#x;
    const row = new Float64Array(rows);
    for (let i = 0, k = 0; i < rows; i++) {
      let product = 0;
      for (let j = 0; j < cols; j++, k++) product += data[k] * query[j];
      row[i] = ofProduct(this.#kernel, product);
    }
    return row;
  }

  block({ data, rows }: Pick<Matrix, "data" | "rows">): Float64Array {
    const { cols } = this.#x;
    const block = new Float64Array(rows * this.stride);
    for (let i = 0; i < rows; i++) {
      const query = data.subarray(i * cols, (i + 1) * cols);
      block.set(this.row(query), i * this.stride);
    }
    return block;
  }

  sums(queries: Matrix, weights: Float64Array): Float64Array {
    const { cols } = queries;
    return Float64Array.from({ length: queries.rows }, (_, i) => {
      const row = this.row(queries.data.subarray(i * cols, (i + 1) * cols));
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * row[k];
      return sum;
    });
  }
}

function ofProduct(kernel: ProductKernel, product: number): number {
  switch (kernel.name) {
    case "linear":
      return product;
    case "polynomial":
      return (kernel.gamma * product + kernel.coef0) ** kernel.degree;
    case "sigmoid":
      return Math.tanh(kernel.gamma * product + kernel.coef0);
  }
}
