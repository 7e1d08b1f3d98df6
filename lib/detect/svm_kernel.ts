/**
 * Kernels of support vector machines and their parameters, by the formulas and
 * the defaults of scikit-learn.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import type { Matrix } from "../numeric/matrix.ts";
import { standardDeviation } from "../numeric/statistics.ts";

/** The kernels by their names. */
export const KERNEL_NAMES = ["rbf", "linear", "polynomial", "sigmoid"] as const;

/** The name of a kernel. */
export type KernelName = typeof KERNEL_NAMES[number];

/**
 * A kernel with its parameters: `rbf` is `exp(-gamma * |a - b|^2)`, `linear`
 * is `a · b`, `polynomial` is `(gamma * a · b + coef0)^degree`, `sigmoid` is
 * `tanh(gamma * a · b + coef0)`.
 */
export type SvmKernel =
  | { readonly name: "rbf"; readonly gamma: number }
  | { readonly name: "linear" }
  | {
    readonly name: "polynomial";
    readonly gamma: number;
    readonly degree: number;
    readonly coef0: number;
  }
  | {
    readonly name: "sigmoid";
    readonly gamma: number;
    readonly coef0: number;
  };

/** Options that choose a kernel. */
export type SvmKernelOptions = {
  /** The kernel. @default {"rbf"} */
  kernel?: KernelName;
  /**
   * The kernel's `gamma`: `"scale"` is 1 / (d * variance of all values of x),
   * `"auto"` is 1 / d. The linear kernel has none. @default {"scale"}
   */
  gamma?: "scale" | "auto" | number;
  /** The degree of the polynomial kernel, an integer, 0 to 100. @default {3} */
  degree?: number;
  /** What the polynomial and the sigmoid kernel add to the product.
   * @default {0} */
  coef0?: number;
};

const ACTION = "fit OneClassSvm";
const MAXIMUM_DEGREE = 100;

/**
 * Chooses the kernel for training rows.
 *
 * @param x The rows, shape `(n, d)`.
 * @param options The kernel's name and parameters.
 * @returns The kernel with its parameters.
 * @throws {TypeError} If `kernel` or `gamma` is an unknown name.
 * @throws {RangeError} If `gamma` is a number that is not above 0, or `degree`
 * or `coef0` is out of range.
 */
export function chooseKernel(
  x: Matrix,
  options: SvmKernelOptions,
): SvmKernel {
  const { kernel: name = "rbf", degree = 3, coef0 = 0 } = options;
  if (!KERNEL_NAMES.includes(name)) {
    throw new TypeError(
      `Cannot ${ACTION}: kernel is "${name}", expected ${
        KERNEL_NAMES.join(", ")
      }`,
    );
  }
  checkNumber(coef0, "coef0", ACTION);
  checkNumber(degree, "degree", ACTION, {
    minimum: 0,
    maximum: MAXIMUM_DEGREE,
    integer: true,
  });
  const gamma = chooseGamma(x, options.gamma ?? "scale");
  switch (name) {
    case "rbf":
      return { name, gamma };
    case "linear":
      return { name };
    case "polynomial":
      return { name, gamma, degree, coef0 };
    case "sigmoid":
      return { name, gamma, coef0 };
  }
}

/**
 * Reads a kernel from a model file.
 *
 * @param json The untrusted value of the field `kernel`.
 * @returns The kernel.
 * @throws {SyntaxError} If it is none, naming the field.
 */
export function readKernel(json: unknown): SvmKernel {
  // Under full names, so that messages say where the field stands.
  const object = Object.fromEntries(
    Object.entries(readObject(json, "kernel"))
      .map(([field, value]) => [`kernel.${field}`, value]),
  );
  const name = readText(object, "kernel.name", KERNEL_NAMES);
  if (name === "linear") return { name };
  const gamma = readNumber(object, "kernel.gamma", {
    minimum: Number.MIN_VALUE,
  });
  if (name === "rbf") return { name, gamma };
  const coef0 = readNumber(object, "kernel.coef0");
  if (name === "sigmoid") return { name, gamma, coef0 };
  const degree = readNumber(object, "kernel.degree", {
    minimum: 0,
    maximum: MAXIMUM_DEGREE,
    integer: true,
  });
  return { name, gamma, degree, coef0 };
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
      `Cannot ${ACTION}: gamma is "${gamma}", expected scale, auto or a number`,
    );
  }
  checkNumber(gamma, "gamma", ACTION, { minimum: 0, exclusive: true });
  return gamma;
}
