/**
 * The saliency of a series: what is left of it without what is smooth in the
 * logarithm of its spectrum. A trial, for comparison.
 *
 * @see H. Ren, B. Xu, Y. Wang, et al., Time-Series Anomaly Detection Service at
 * Microsoft (2019).
 *
 * @module
 */

/** Rows of saliency that a row is compared with, as in the paper. */
const SALIENCY_ROWS = 21;

/**
 * Scores a series by how far its saliency is above the mean of the rows before.
 *
 * @param value Values at a regular step, shape `(n)`.
 * @returns Ratios less 1, >= 0, shape `(n)`.
 */
export function spectralResidual(value: Float64Array): Float64Array {
  const { re, im } = transform(value, new Float64Array(value.length), -1);
  const logs = re.map((_, k) => Math.log(Math.hypot(re[k], im[k]) + 1e-8));
  const kept = logs.map((log, k) =>
    Math.exp(log - meanAround(logs, k, 1, 1)) / Math.exp(log)
  );
  const back = transform(
    re.map((x, k) => x * kept[k]),
    im.map((x, k) => x * kept[k]),
    1,
  );
  const saliency = back.re.map((x, k) => Math.hypot(x, back.im[k]));
  return saliency.map((each, row) => {
    const usual = meanAround(saliency, row, SALIENCY_ROWS, 0) || 1;
    return Math.max((each - usual) / usual, 0);
  });
}

function meanAround(
  values: Float64Array,
  at: number,
  before: number,
  after: number,
): number {
  const part = values.subarray(Math.max(at - before, 0), at + after + 1);
  return part.reduce((sum, each) => sum + each, 0) / part.length;
}

/** A plain discrete Fourier transform: series are short. */
function transform(re: Float64Array, im: Float64Array, sign: 1 | -1) {
  const n = re.length;
  const cos = re.map((_, k) => Math.cos(2 * Math.PI * k / n));
  const sin = re.map((_, k) => sign * Math.sin(2 * Math.PI * k / n));
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    for (let i = 0, at = 0; i < n; i++, at = (at + k) % n) {
      out.re[k] += re[i] * cos[at] - im[i] * sin[at];
      out.im[k] += re[i] * sin[at] + im[i] * cos[at];
    }
  }
  return out;
}
