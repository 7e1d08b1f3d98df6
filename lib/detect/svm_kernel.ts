/**
 * Kernels of support vector machines, computed a row at a time. Another kernel
 * is one more member of {@linkcode SvmKernel} and one more case in each
 * function.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import type { Matrix } from "../numeric/matrix.ts";
import { standardDeviation } from "../numeric/statistics.ts";

const KERNEL_NAMES = ["rbf", "linear"] as const;

/**
 * A kernel with its parameters: `rbf` is `exp(-gamma * |a - b|^2)`, `linear`
 * is `a · b`.
 */
export type SvmKernel =
  | { readonly name: "rbf"; readonly gamma: number }
  | { readonly name: "linear" };

/** Options that choose a kernel. */
export type SvmKernelOptions = {
  /** The kernel. @default {"rbf"} */
  kernel?: "rbf" | "linear";
  /**
   * The kernel's `gamma`: `"scale"` is 1 / (d * variance of all values of x),
   * `"auto"` is 1 / d. The linear kernel has none. @default {"scale"}
   */
  gamma?: "scale" | "auto" | number;
};

/**
 * Chooses the kernel for training rows.
 *
 * @param x The rows, shape `(n, d)`.
 * @param options The kernel's name and `gamma`.
 * @returns The kernel with its parameters.
 * @throws {TypeError} If `kernel` or `gamma` is an unknown name.
 * @throws {RangeError} If `gamma` is a number that is not above 0.
 */
export function chooseKernel(
  x: Matrix,
  options: SvmKernelOptions,
): SvmKernel {
  const { kernel = "rbf", gamma = "scale" } = options;
  if (kernel === "linear") return { name: "linear" };
  if (kernel !== "rbf") {
    throw new TypeError(
      `Cannot fit OneClassSvm: kernel is "${kernel}", expected rbf or linear`,
    );
  }
  return { name: "rbf", gamma: chooseGamma(x, gamma) };
}

/**
 * Computes the kernel between one point and each row of a matrix.
 *
 * @param kernel The kernel.
 * @param x The rows, shape `(n, d)`.
 * @param point The point, shape `(d)`.
 * @param out Where the values go, shape `(n)`; changed.
 */
export function kernelRowInto(
  kernel: SvmKernel,
  x: Matrix,
  point: Float64Array,
  out: Float64Array,
): void {
  const { data, rows, cols } = x;
  if (kernel.name === "linear") {
    for (let i = 0, k = 0; i < rows; i++) {
      let dot = 0;
      for (let j = 0; j < cols; j++, k++) dot += data[k] * point[j];
      out[i] = dot;
    }
    return;
  }
  const { gamma } = kernel;
  for (let i = 0, k = 0; i < rows; i++) {
    // Not |a|^2 + |b|^2 - 2 a · b, which cancels digits far from the origin.
    let squared = 0;
    for (let j = 0; j < cols; j++, k++) {
      const difference = data[k] - point[j];
      squared += difference * difference;
    }
    out[i] = Math.exp(-gamma * squared);
  }
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
  for (let k = 0; k < x.data.length; k++) {
    diagonal[Math.floor(k / x.cols)] += x.data[k] ** 2;
  }
  return diagonal;
}

/**
 * Reads a kernel from a model file.
 *
 * @param json The untrusted value of the field `kernel`.
 * @returns The kernel.
 * @throws {SyntaxError} If it is none, naming the field.
 */
export function readKernel(json: unknown): SvmKernel {
  const object = readObject(json, "kernel");
  const name = readText(object, "name", KERNEL_NAMES);
  if (name === "linear") return { name };
  const gamma = readNumber(object, "gamma", { minimum: Number.MIN_VALUE });
  return { name, gamma };
}

function chooseGamma(x: Matrix, gamma: "scale" | "auto" | number): number {
  if (gamma === "auto") return 1 / x.cols;
  if (gamma === "scale") {
    const scale = 1 / (x.cols * standardDeviation(x.data) ** 2);
    // As scikit-learn does where all values are equal.
    return Number.isFinite(scale) ? scale : 1;
  }
  if (typeof gamma !== "number") {
    throw new TypeError(
      `Cannot fit OneClassSvm: gamma is "${gamma}", expected scale, auto or a number`,
    );
  }
  const positive = { minimum: 0, exclusive: true };
  checkNumber(gamma, "gamma", "fit OneClassSvm", positive);
  return gamma;
}
