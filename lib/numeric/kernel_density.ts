/**
 * A density learned from values: Gaussian kernels of Silverman's width, and a
 * little of a Cauchy density, so that nothing is impossible. It is kept in even
 * cells, so that asking costs one look-up however many values there were.
 *
 * @see B. W. Silverman, Density Estimation for Statistics and Data Analysis
 * (1986), section 3.4.2.
 *
 * @module
 */

import { MAD_TO_SIGMA, medianAbsoluteDeviation } from "./statistics.ts";

/** Cells are a tenth wide and reach so far on either side of 0: values are
 * expected to have a scale of about 1. */
const CELLS_PER_UNIT = 10;
const REACH = 100;
const CELLS = 2 * REACH * CELLS_PER_UNIT + 1;
const SILVERMAN = 0.9;
/** Kernels are cut here, in widths. */
const KERNEL_REACH = 4;
/** Share of the Cauchy density. */
const UNSEEN = 0.01;

/** The density of values of about scale 1. */
export class KernelDensity {
  readonly #density: Float64Array;

  private constructor(density: Float64Array) {
    this.#density = density;
  }

  /**
   * Learns the density.
   *
   * @param values Finite values around 0, of a scale of about 1, shape `(n)`;
   * of none the Cauchy density is left.
   * @returns The density.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { KernelDensity } from "lib/numeric/kernel_density.ts";
   *
   * const density = KernelDensity.fit(Float64Array.of(-2, -2, -2, 2));
   * assert.ok(density.at(-2) > 2 * density.at(2));
   * assert.ok(density.at(50) > 0);
   * ```
   */
  static fit(values: Float64Array): KernelDensity {
    const counts = new Float64Array(CELLS);
    for (const value of values) counts[cellOf(value)]++;
    const smooth = smoothed(counts, kernelOf(values));
    const n = Math.max(values.length, 1);
    return new KernelDensity(smooth.map((count, cell) => {
      const value = cell / CELLS_PER_UNIT - REACH;
      const cauchy = 1 / (Math.PI * (1 + value * value));
      return (1 - UNSEEN) * count * CELLS_PER_UNIT / n + UNSEEN * cauchy;
    }));
  }

  /**
   * The density at a value.
   *
   * @param value The value; beyond 100 as at 100.
   * @returns The density, above 0.
   */
  at(value: number): number {
    return this.#density[cellOf(value)];
  }
}

function cellOf(value: number): number {
  // Comparisons, and a cut instead of rounding, are several times as fast.
  if (!(value > -REACH)) return 0;
  if (!(value < REACH)) return CELLS - 1;
  return ((value + REACH) * CELLS_PER_UNIT + 1 / 2) | 0;
}

/** Weights of the cells about a value, of an odd number; they sum to 1. */
function kernelOf(values: Float64Array): Float64Array {
  if (values.length === 0) return Float64Array.of(1);
  const deviation = MAD_TO_SIGMA * medianAbsoluteDeviation(values);
  const silverman = SILVERMAN * deviation * Math.pow(values.length, -1 / 5);
  const width = Math.max(silverman * CELLS_PER_UNIT, 1);
  const reach = Math.min(Math.ceil(KERNEL_REACH * width), CELLS);
  const kernel = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, k) => Math.exp(-(((k - reach) / width) ** 2) / 2),
  );
  const sum = kernel.reduce((a, b) => a + b);
  return kernel.map((weight) => weight / sum);
}

function smoothed(counts: Float64Array, kernel: Float64Array): Float64Array {
  const middle = (kernel.length - 1) / 2;
  const smooth = new Float64Array(counts.length);
  counts.forEach((count, cell) => {
    if (count === 0) return;
    kernel.forEach((weight, k) => {
      const at = cell + k - middle;
      if (at >= 0 && at < smooth.length) smooth[at] += count * weight;
    });
  });
  return smooth;
}
