/**
 * NAB's windowed Gaussian detector, whose published scores check ours: one
 * minus the tail probability of a value under the normal distribution of the
 * values before it.
 *
 * @see github.com/numenta/NAB, `WindowedGaussianDetector`: windows of 6,400
 * values that move by 100.
 *
 * @module
 */

const WINDOW_SIZE = 6400;
const STEP = 100;
const LEAST_DEVIATION = 0.000001;

/**
 * Scores a series strictly online.
 *
 * @param value Its values, shape `(n)`.
 * @returns A score from 0 to 1 for each; 0 for the first.
 */
export function windowedGaussianScores(value: Float64Array): Float64Array {
  const score = new Float64Array(value.length);
  let [start, end] = [0, 0];
  let distribution: Normal = { mean: 0, deviation: 1 };
  for (let row = 0; row < value.length; row++) {
    if (row > 0) score[row] = 1 - tailProbability(value[row], distribution);
    if (end - start < WINDOW_SIZE) end = row + 1;
    else if (row + 1 - end === STEP) [start, end] = [start + STEP, row + 1];
    else continue;
    distribution = normalOf(value.subarray(start, end));
  }
  return score;
}

type Normal = { readonly mean: number; readonly deviation: number };

/** Plain loops: this runs once for each row. */
function normalOf(window: Float64Array): Normal {
  let sum = 0;
  for (let k = 0; k < window.length; k++) sum += window[k];
  const mean = sum / window.length;
  let squares = 0;
  for (let k = 0; k < window.length; k++) squares += (window[k] - mean) ** 2;
  const deviation = Math.sqrt(squares / window.length);
  return { mean, deviation: deviation === 0 ? LEAST_DEVIATION : deviation };
}

function tailProbability(value: number, { mean, deviation }: Normal): number {
  return erfc(Math.abs(value - mean) / deviation / Math.SQRT2) / 2;
}

/** 1 - erf(x) for x >= 0: the series of erf, from 2 on the continued fraction. */
function erfc(x: number): number {
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let k = 1; Math.abs(term) > 1e-17; k++) {
      term *= -x * x / k;
      sum += term / (2 * k + 1);
    }
    return 1 - 2 / Math.sqrt(Math.PI) * sum;
  }
  let fraction = x;
  for (let k = 100; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
