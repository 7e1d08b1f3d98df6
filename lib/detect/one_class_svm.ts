/**
 * One-class support vector machine: a boundary around the bulk of the rows in
 * the space of a kernel. Score `rho - Σ α_i K(x_i, x)` over the support
 * vectors; above 0 lies outside the boundary. Of many rows the machine is
 * approximate: the sum then goes over landmarks, see `nystroem.ts`.
 *
 * @see B. Schölkopf et al., Estimating the Support of a High-Dimensional
 * Distribution (2001).
 *
 * @module
 */

import type { ModelJson, PointDetector } from "./detector.ts";
import { solveNystroem } from "./nystroem.ts";
import { solveOneClass } from "./smo.ts";
import {
  kernelDiagonal,
  type KernelPoints,
  kernelPoints,
} from "./kernel_points.ts";
import {
  chooseKernel,
  readKernel,
  type SvmKernel,
  type SvmKernelOptions,
} from "./svm_kernel.ts";
import { checkNumber, checkSeed } from "../numeric/checks.ts";
import { checkChecksums, withChecksums } from "../numeric/field_checksums.ts";
import {
  readBoolean,
  readNumber,
  readObject,
  readText,
} from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix, selectRows } from "../numeric/matrix.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";

const KIND = "one_class_svm";
const ACTION = "fit OneClassSvm";
const FIELDS = [
  "kind",
  "kernel",
  "featureCount",
  "rho",
  "converged",
  "approximation",
  "dualCoefficients",
  "supportVectors",
];
const FITTED_AS = ["none", "nystroem"] as const;
const DEFAULT = {
  nu: 0.5,
  tolerance: 1e-3,
  cacheMegabytes: 200,
  landmarkCount: 200,
};
const MAXIMUM_LANDMARKS = 4096;
const INT32_MAXIMUM = 2 ** 31 - 1;
/** The iteration limit of libsvm: 10 million, or 100 a row. */
const LEAST_ITERATION_LIMIT = 1e7;
const ITERATION_LIMIT_PER_ROW = 100;

/** More rows than this are approximated unless told otherwise. */
export const EXACT_ROWS = 20_000;

/** How a machine is fitted: `none` is exact, `nystroem` approximate, `auto`
 * approximate for more than 20,000 rows where the kernel allows it. */
export type SvmApproximation = "none" | "nystroem" | "auto";

/** Options for {@linkcode OneClassSvm.fit}. */
export type OneClassSvmOptions = SvmKernelOptions & {
  /**
   * At most this share of the training rows lies outside the boundary, and at
   * least this share are support vectors; above 0, at most 1. @default {0.5}
   */
  nu?: number;
  /** Whether to approximate the kernel; not possible with the sigmoid, which
   * is no inner product. @default {"auto"} */
  approximation?: SvmApproximation;
  /** Most landmarks of an approximation; time grows with their number, its
   * square for those near the boundary. @default {200} */
  landmarkCount?: number;
  /** Seed of the landmarks. @default {0} */
  seed?: number;
  /** How far from the optimum the exact solver stops, in the unit of scores.
   * @default {1e-3} */
  tolerance?: number;
  /** Room for rows of the kernel matrix, 8 n bytes each. @default {200} */
  cacheMegabytes?: number;
  /** Whether the solver leaves rows out for a while that seem to be settled.
   * @default {true} */
  shrinking?: boolean;
  /** Most steps of the solver. @default {max(1e7, 100 * n)} */
  maxIterations?: number;
};

/** What a fitted machine consists of. */
type Fitted = {
  kernel: SvmKernel;
  supportVectors: Matrix;
  dualCoefficients: Float64Array;
  rho: number;
  converged: boolean;
  approximation: "none" | "nystroem";
};

/**
 * A fitted one-class support vector machine.
 *
 * Scores have the scale of scikit-learn, whose `decision_function` is
 * `-score`, whose `dual_coef_` is {@linkcode OneClassSvm.dualCoefficients}
 * (their sum is `nu * n`), and whose `offset_` is {@linkcode OneClassSvm.rho}.
 */
export class OneClassSvm implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The kernel with its parameters. */
  readonly kernel: SvmKernel;
  /** The training rows that the boundary rests on, shape `(m, d)`; the
   * landmarks of an approximation. */
  readonly supportVectors: Matrix;
  /** The weight α of each support vector, above 0, at most 1, shape `(m)`; of
   * landmarks any number. */
  readonly dualCoefficients: Float64Array;
  /** The offset of the boundary. */
  readonly rho: number;
  /** Whether the solver reached the tolerance before its iteration limit. */
  readonly converged: boolean;
  /** How it was fitted. */
  readonly approximation: "none" | "nystroem";
  #points: KernelPoints | undefined;

  private constructor(fitted: Fitted) {
    this.kernel = fitted.kernel;
    this.supportVectors = fitted.supportVectors;
    this.dualCoefficients = fitted.dualCoefficients;
    this.rho = fitted.rho;
    this.converged = fitted.converged;
    this.approximation = fitted.approximation;
  }

  /**
   * Finds the boundary. Kernels compare distances, so scale the features
   * first. The exact solver takes about nu n steps of n d each, so that time
   * grows with nu n² d, and unscaled features need many more steps; the
   * approximate one is linear in n: about 5 s for 1,000,000 rows.
   *
   * @param x Training rows, shape `(n, d)`, n >= 2.
   * @param options The share outside, the kernel, how exact, and limits of the
   * solver.
   * @returns The fitted machine; see {@linkcode OneClassSvm.converged}.
   * @throws {RangeError} If `x` has fewer than 2 rows, a value that is not
   * finite or too large to square, or an option is out of range.
   * @throws {TypeError} If `kernel`, `gamma` or `approximation` is an unknown
   * name, or the sigmoid is to be approximated.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { OneClassSvm } from "lib/detect/one_class_svm.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows([[1], [2], [3], [4], [5]]);
   * const svm = OneClassSvm.fit(x, { nu: 0.2 });
   * const [inside, outside] = svm.score(matrixFromRows([[2], [9]]));
   * assert(inside < 0 && outside > 0);
   * ```
   */
  static fit(x: Matrix, options: OneClassSvmOptions = {}): OneClassSvm {
    checkOptions(options);
    checkMatrix(x, ACTION, { minimumRows: 2 });
    checkSquares(x);
    const kernel = chooseKernel(x, options);
    checkKernelValues(kernel, x);
    return new OneClassSvm(
      isApproximate(x, kernel, options)
        ? fitApproximately(x, kernel, options)
        : fitExactly(x, kernel, options),
    );
  }

  /**
   * The number of features d that it was fitted on.
   *
   * @returns The number, an integer >= 1.
   */
  get featureCount(): number {
    return this.supportVectors.cols;
  }

  /**
   * Scores rows. Time grows with rows times support vectors times features.
   *
   * @param x Rows to score, shape `(n, d)`.
   * @returns Scores, shape `(n)`, 0 on the boundary; higher is more anomalous.
   * @throws {RangeError} If `x` has no rows, another width, or a value that is
   * not finite, or a linear score overflows.
   */
  score(x: Matrix): Float64Array {
    const action = "score with OneClassSvm";
    checkMatrix(x, action, { cols: this.featureCount });
    this.#points ??= kernelPoints(this.kernel, this.supportVectors);
    const scores = this.#points.sums(x, this.dualCoefficients);
    for (let i = 0; i < scores.length; i++) {
      scores[i] = this.rho - scores[i];
      checkNumber(scores[i], `score of row ${i}`, action);
    }
    return scores;
  }

  /**
   * Gives the machine for a model file.
   *
   * @returns JSON from which the machine loads with equal scores.
   */
  toJSON(): ModelJson {
    const { supportVectors, dualCoefficients } = this;
    return withChecksums({
      kind: this.kind,
      kernel: this.kernel,
      featureCount: this.featureCount,
      rho: this.rho,
      converged: this.converged,
      approximation: this.approximation,
      dualCoefficients: encodeArray(dualCoefficients),
      supportVectors: encodeArray(supportVectors.data),
    });
  }

  /**
   * Loads a machine, checking everything.
   *
   * @param json What {@linkcode OneClassSvm.toJSON} returned.
   * @returns The machine.
   * @throws {SyntaxError} If the JSON is not such a machine, naming the field.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { OneClassSvm } from "lib/detect/one_class_svm.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows([[1], [2], [3], [4], [100]]);
   * const svm = OneClassSvm.fit(x);
   * const loaded = OneClassSvm.fromJSON(JSON.parse(JSON.stringify(svm)));
   * assert.deepEqual(loaded.score(x), svm.score(x));
   * ```
   */
  static fromJSON(json: unknown): OneClassSvm {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const kernel = readKernel(object.kernel);
    checkChecksums({ ...object, kernel }, FIELDS);
    const cols = readNumber(object, "featureCount", {
      minimum: 1,
      maximum: INT32_MAXIMUM,
      integer: true,
    });
    const approximation = readText(object, "approximation", FITTED_AS);
    const dualCoefficients = readCoefficients(
      object.dualCoefficients,
      approximation,
    );
    const rows = dualCoefficients.length;
    const data = decodeArray(
      object.supportVectors,
      "float64",
      "supportVectors",
    );
    if (data.length !== rows * cols) {
      throw new SyntaxError(
        `Cannot load model: supportVectors has length ${data.length}, expected ${rows} of dualCoefficients x ${cols} of featureCount`,
      );
    }
    return new OneClassSvm({
      kernel,
      supportVectors: { data, rows, cols },
      dualCoefficients,
      rho: readNumber(object, "rho"),
      converged: readBoolean(object, "converged"),
      approximation,
    });
  }
}

/** The solver squares sums of n products of values: they must not overflow. */
function checkSquares(x: Matrix): void {
  const limit = Math.sqrt(Math.sqrt(Number.MAX_VALUE) / (4 * x.data.length));
  const bad = x.data.findIndex((value) => !(Math.abs(value) <= limit));
  if (bad < 0) return;
  const row = Math.floor(bad / x.cols);
  throw new RangeError(
    `Cannot fit OneClassSvm: value at row ${row}, column ${bad % x.cols} is ${
      x.data[bad]
    }, expected at most ${limit}; scale the features first`,
  );
}

/** A high power may overflow where squares do not. */
function checkKernelValues(kernel: SvmKernel, x: Matrix): void {
  if (kernel.name !== "polynomial") return;
  const { gamma, coef0, degree } = kernel;
  const norms = kernelDiagonal({ name: "linear" }, x);
  const longest = norms.reduce((most, norm) => Math.max(most, norm), 0);
  const greatest = (gamma * longest + Math.abs(coef0)) ** degree;
  const limit = Math.sqrt(Number.MAX_VALUE) / (4 * x.rows);
  if (greatest <= limit) return;
  throw new RangeError(
    `Cannot fit OneClassSvm: kernel values reach ${greatest}, expected at most ${limit}; scale the features first`,
  );
}

function readCoefficients(
  json: unknown,
  approximation: "none" | "nystroem",
): Float64Array {
  const values = decodeArray(json, "float64", "dualCoefficients");
  const isExact = approximation === "none";
  const bad = isExact
    ? values.findIndex((value) => !(value > 0 && value <= 1))
    : -1;
  if (bad >= 0 || values.length === 0) {
    throw new SyntaxError(
      `Cannot load model: dualCoefficients[${bad}] is ${
        values[bad]
      }, expected at least one${isExact ? ", each above 0 and at most 1" : ""}`,
    );
  }
  return values;
}

function checkOptions(options: OneClassSvmOptions): void {
  const { nu = DEFAULT.nu, tolerance = DEFAULT.tolerance } = options;
  const { cacheMegabytes = DEFAULT.cacheMegabytes, maxIterations = 1 } =
    options;
  const { landmarkCount = DEFAULT.landmarkCount, seed = 0 } = options;
  const { approximation = "auto" } = options;
  const positive = { minimum: 0, exclusive: true };
  checkNumber(nu, "nu", ACTION, { maximum: 1 });
  checkNumber(nu, "nu", ACTION, positive);
  checkNumber(tolerance, "tolerance", ACTION, positive);
  checkNumber(cacheMegabytes, "cacheMegabytes", ACTION, positive);
  checkNumber(maxIterations, "maxIterations", ACTION, { minimum: 0 });
  checkNumber(landmarkCount, "landmarkCount", ACTION, {
    minimum: 1,
    maximum: MAXIMUM_LANDMARKS,
    integer: true,
  });
  checkSeed(seed, ACTION);
  if (!["none", "nystroem", "auto"].includes(approximation)) {
    throw new TypeError(
      `Cannot ${ACTION}: approximation is "${approximation}", expected none, nystroem or auto`,
    );
  }
}

function isApproximate(
  x: Matrix,
  kernel: SvmKernel,
  { approximation = "auto" }: OneClassSvmOptions,
): boolean {
  // With a negative coef0 a polynomial is no inner product either.
  const isProduct = kernel.name !== "sigmoid" &&
    !(kernel.name === "polynomial" && kernel.coef0 < 0);
  if (approximation === "nystroem" && !isProduct) {
    throw new TypeError(
      `Cannot ${ACTION}: kernel is ${kernel.name}${
        kernel.name === "polynomial" ? " with a negative coef0" : ""
      }, expected another with approximation "nystroem"`,
    );
  }
  return approximation === "nystroem" ||
    (approximation === "auto" && isProduct && x.rows > EXACT_ROWS);
}

function fitApproximately(
  x: Matrix,
  kernel: SvmKernel,
  options: OneClassSvmOptions,
): Fitted {
  const { nu = DEFAULT.nu, seed = 0 } = options;
  const { landmarkCount = DEFAULT.landmarkCount } = options;
  const { landmarks, coefficients, ...rest } = solveNystroem(
    { x, kernel, nu, landmarkCount, seed },
  );
  return {
    kernel,
    supportVectors: landmarks,
    dualCoefficients: coefficients,
    approximation: "nystroem",
    ...rest,
  };
}

function fitExactly(
  x: Matrix,
  kernel: SvmKernel,
  options: OneClassSvmOptions,
): Fitted {
  const { nu = DEFAULT.nu, tolerance = DEFAULT.tolerance } = options;
  const { cacheMegabytes = DEFAULT.cacheMegabytes, shrinking = true } = options;
  const {
    maxIterations = Math.max(
      LEAST_ITERATION_LIMIT,
      ITERATION_LIMIT_PER_ROW * x.rows,
    ),
  } = options;
  const limits = { nu, tolerance, cacheMegabytes, shrinking, maxIterations };
  const { alpha, rho, converged } = solveOneClass({ x, kernel, ...limits });
  const support = Uint32Array.from(alpha.keys()).filter((i) => alpha[i] > 0);
  return {
    kernel,
    supportVectors: selectRows(x, support),
    dualCoefficients: Float64Array.from(support, (i) => alpha[i]),
    rho,
    converged,
    approximation: "none",
  };
}
