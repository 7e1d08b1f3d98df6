/**
 * The rows of a kernel matrix that is too large to hold, kept as long as room
 * lasts; the row not used for longest makes way. Values are doubles, unlike in
 * libsvm: with 32 bits a linear kernel may never reach a fine tolerance.
 *
 * @module
 */

import { type KernelPoints, kernelPoints } from "./kernel_points.ts";
import type { SvmKernel } from "./svm_kernel.ts";
import type { Matrix } from "../numeric/matrix.ts";

const BYTES_PER_MEGABYTE = 2 ** 20;
/** The solver works on two rows at once. */
const MINIMUM_ROWS = 2;

/** A cache of kernel rows. */
export class SvmRowCache {
  readonly #points: KernelPoints;
  readonly #x: Matrix;
  readonly #capacity: number;
  /** From the row not used for longest to the one used last. */
  readonly #rows = new Map<number, Float64Array>();

  /**
   * Makes an empty cache.
   *
   * @param kernel The kernel.
   * @param x The points, shape `(n, d)`.
   * @param megabytes The size of the cache; two rows fit in any case.
   */
  constructor(kernel: SvmKernel, x: Matrix, megabytes: number) {
    this.#points = kernelPoints(kernel, x);
    this.#x = x;
    const rowBytes = x.rows * Float64Array.BYTES_PER_ELEMENT;
    const fitting = Math.floor(megabytes * BYTES_PER_MEGABYTE / rowBytes);
    this.#capacity = Math.max(MINIMUM_ROWS, fitting);
  }

  /**
   * Gives a row of the kernel matrix, computed if it is not there.
   *
   * @param i The row wanted, from 0 to n - 1.
   * @returns Kernel values between point i and each point, shape `(n)`. It
   * stays as it is until two other rows have been asked for.
   */
  row(i: number): Float64Array {
    const { cols, data, rows } = this.#x;
    let values = this.#rows.get(i);
    if (values === undefined) {
      values = this.#releaseOldest() ?? new Float64Array(rows);
      values.set(this.#points.row(data.subarray(i * cols, (i + 1) * cols)));
    } else {
      this.#rows.delete(i);
    }
    this.#rows.set(i, values);
    return values;
  }

  #releaseOldest(): Float64Array | undefined {
    if (this.#rows.size < this.#capacity) return undefined;
    for (const [oldest, values] of this.#rows) {
      this.#rows.delete(oldest);
      return values;
    }
  }
}
