/**
 * One-class support vector machine: a boundary around the bulk of the rows in
 * the space of a kernel. Score `rho - Σ α_i K(x_i, x)` over the support
 * vectors; above 0 lies outside the boundary.
 *
 * @see B. Schölkopf et al., Estimating the Support of a High-Dimensional
 * Distribution (2001).
 *
 * @module
 */

import type { ModelJson, PointDetector } from "./detector.ts";
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
import { checkNumber } from "../numeric/checks.ts";
import {
  readBoolean,
  readNumber,
  readObject,
  readText,
} from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix, selectRows } from "../numeric/matrix.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";

const KIND = "one_class_svm";
const INT32_MAXIMUM = 2 ** 31 - 1;
/** The iteration limit of libsvm: 10 million, or 100 a row. */
const LEAST_ITERATION_LIMIT = 1e7;
const ITERATION_LIMIT_PER_ROW = 100;

/** Options for {@linkcode OneClassSvm.fit}. */
export type OneClassSvmOptions = SvmKernelOptions & {
  /**
   * At most this share of the training rows lies outside the boundary, and at
   * least this share are support vectors; above 0, at most 1. @default {0.5}
   */
  nu?: number;
  /** How far from the optimum to stop, in the unit of scores. @default {1e-3} */
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
  /** The training rows that the boundary rests on, shape `(m, d)`. */
  readonly supportVectors: Matrix;
  /** The weight α of each support vector, above 0, at most 1, shape `(m)`. */
  readonly dualCoefficients: Float64Array;
  /** The offset of the boundary. */
  readonly rho: number;
  /** Whether the solver reached the tolerance before its iteration limit. */
  readonly converged: boolean;
  #points: KernelPoints | undefined;

  private constructor(fitted: Fitted) {
    this.kernel = fitted.kernel;
    this.supportVectors = fitted.supportVectors;
    this.dualCoefficients = fitted.dualCoefficients;
    this.rho = fitted.rho;
    this.converged = fitted.converged;
  }

  /**
   * Finds the boundary. Kernels compare distances, so scale the features
   * first. The solver takes about nu n steps of n d each, so that time grows
   * with nu n² d: 0.2 s for 5,000 rows of 6 features at nu 0.05, about 10 s
   * for 50,000. Unscaled features need many more steps.
   *
   * @param x Training rows, shape `(n, d)`, n >= 2.
   * @param options The share outside, the kernel, and limits of the solver.
   * @returns The fitted machine; see {@linkcode OneClassSvm.converged}.
   * @throws {RangeError} If `x` has fewer than 2 rows, a value that is not
   * finite or too large to square, or an option is out of range.
   * @throws {TypeError} If `kernel` or `gamma` is an unknown name.
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
    const { nu = 0.5, tolerance = 1e-3, cacheMegabytes = 200 } = options;
    const action = "fit OneClassSvm";
    checkNumber(nu, "nu", action, { maximum: 1 });
    const positive = { minimum: 0, exclusive: true };
    checkNumber(nu, "nu", action, positive);
    checkNumber(tolerance, "tolerance", action, positive);
    checkNumber(cacheMegabytes, "cacheMegabytes", action, positive);
    checkMatrix(x, action, { minimumRows: 2 });
    const {
      maxIterations = Math.max(
        LEAST_ITERATION_LIMIT,
        ITERATION_LIMIT_PER_ROW * x.rows,
      ),
    } = options;
    checkNumber(maxIterations, "maxIterations", action, { minimum: 0 });
    checkSquares(x);
    const kernel = chooseKernel(x, options);
    checkKernelValues(kernel, x);
    const { shrinking = true } = options;
    const limits = { nu, tolerance, cacheMegabytes, shrinking, maxIterations };
    const { alpha, rho, converged } = solveOneClass({ x, kernel, ...limits });
    const support = Uint32Array.from(alpha.keys()).filter((i) => alpha[i] > 0);
    return new OneClassSvm({
      kernel,
      supportVectors: selectRows(x, support),
      dualCoefficients: Float64Array.from(support, (i) => alpha[i]),
      rho,
      converged,
    });
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
    return {
      kind: this.kind,
      kernel: this.kernel,
      featureCount: this.featureCount,
      rho: this.rho,
      converged: this.converged,
      dualCoefficients: encodeArray(dualCoefficients),
      supportVectors: encodeArray(supportVectors.data),
    };
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
    const cols = readNumber(object, "featureCount", {
      minimum: 1,
      maximum: INT32_MAXIMUM,
      integer: true,
    });
    const dualCoefficients = readCoefficients(object.dualCoefficients);
    const rows = dualCoefficients.length;
    const data = decodeArray(
      object.supportVectors,
      "float64",
      "supportVectors",
      rows * cols,
    );
    return new OneClassSvm({
      kernel: readKernel(object.kernel),
      supportVectors: { data, rows, cols },
      dualCoefficients,
      rho: readNumber(object, "rho"),
      converged: readBoolean(object, "converged"),
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

function readCoefficients(json: unknown): Float64Array {
  const values = decodeArray(json, "float64", "dualCoefficients");
  const bad = values.findIndex((value) => !(value > 0 && value <= 1));
  if (bad >= 0 || values.length === 0) {
    throw new SyntaxError(
      `Cannot load model: dualCoefficients[${bad}] is ${
        values[bad]
      }, expected at least one, each above 0 and at most 1`,
    );
  }
  return values;
}
