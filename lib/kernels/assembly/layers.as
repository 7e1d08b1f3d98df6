// Layers beside the LSTM, and the step that moves all weights. What they do is
// small beside it, so they are plain loops. Matrices are row-major, rows side
// by side.

/** target += factor * source. */
// @ts-ignore: decorator
@inline
function addScaled(target: usize, source: usize, factor: f32, count: i32): void {
  const factors = f32x4.splat(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i * 4;
    const sum = f32x4.add(v128.load(target + at), f32x4.mul(factors, v128.load(source + at)));
    v128.store(target + at, sum);
  }
  for (; i < count; i++) {
    const at = <usize>i * 4;
    store<f32>(target + at, load<f32>(target + at) + factor * load<f32>(source + at));
  }
}

/** The sum of products of two rows. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, count: i32): f32 {
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i * 4;
    sums = f32x4.add(sums, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (; i < count; i++) {
    const at = <usize>i * 4;
    sum += load<f32>(a + at) * load<f32>(b + at);
  }
  return sum;
}

/** y = x W + b; with `relu` what is below 0 becomes 0. x is (rows, features),
 * W (features, units), y (rows, units). */
export function denseForward(
  rows: i32,
  features: i32,
  units: i32,
  relu: bool,
  x: usize,
  kernel: usize,
  bias: usize,
  y: usize,
): void {
  const stride = <usize>units * 4;
  for (let row = 0; row < rows; row++) {
    memory.copy(y, bias, stride);
    for (let k = 0; k < features; k++) {
      addScaled(y, kernel + <usize>k * stride, load<f32>(x), units);
      x += 4;
    }
    if (relu) {
      for (let u: usize = 0; u < stride; u += 4) {
        store<f32>(y + u, max<f32>(load<f32>(y + u), 0));
      }
    }
    y += stride;
  }
}

/** The gradients of x, W and b from dy, that of y. With `relu` dy becomes 0
 * where y is. */
export function denseBackward(
  rows: i32,
  features: i32,
  units: i32,
  relu: bool,
  x: usize,
  kernel: usize,
  y: usize,
  dy: usize,
  dx: usize,
  dKernel: usize,
  dBias: usize,
): void {
  const stride = <usize>units * 4;
  memory.fill(dKernel, 0, stride * features);
  memory.fill(dBias, 0, stride);
  for (let row = 0; row < rows; row++) {
    if (relu) {
      for (let u: usize = 0; u < stride; u += 4) {
        if (load<f32>(y + u) <= 0) store<f32>(dy + u, 0);
      }
    }
    addScaled(dBias, dy, 1, units);
    for (let k = 0; k < features; k++) {
      const at = <usize>k * stride;
      addScaled(dKernel + at, dy, load<f32>(x), units);
      store<f32>(dx, dot(kernel + at, dy, units));
      x += 4;
      dx += 4;
    }
    y += stride;
    dy += stride;
  }
}

/** Multiplies each value of the first array by that of the second. */
export function multiplyBy(values: usize, factors: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(values, f32x4.mul(v128.load(values), v128.load(factors)));
    values += 16;
    factors += 16;
  }
}

/** Zeros where 16 random bits are below `limit`, else `kept`; two values of
 * each draw of the generator sfc32, which starts at the state given. */
export function dropoutMask(
  a: u32,
  b: u32,
  c: u32,
  counter: u32,
  limit: u32,
  kept: f32,
  mask: usize,
  count: i32,
): void {
  for (let i = 0; i < count; i += 2) {
    const bits = a + b + counter++;
    a = b ^ (b >>> 9);
    b = c + (c << 3);
    c = rotl<u32>(c, 21) + bits;
    store<f32>(mask, select<f32>(0, kept, (bits & 0xffff) < limit));
    store<f32>(mask, select<f32>(0, kept, (bits >>> 16) < limit), 4);
    mask += 8;
  }
}

/** A step of Adam, `w -= rate m / (correction sqrt(v) + epsilon)`; m and v are
 * running means of the gradient and its square, which take in a share of 1 -
 * beta. */
export function adam(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: i32,
  meanShare: f32,
  squareShare: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
): void {
  const first = f32x4.splat(meanShare), second = f32x4.splat(squareShare);
  const rates = f32x4.splat(rate), corrections = f32x4.splat(correction);
  const epsilons = f32x4.splat(epsilon);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i * 4;
    const g = v128.load(gradients + at);
    let m = v128.load(means + at), v = v128.load(squares + at);
    m = f32x4.add(m, f32x4.mul(first, f32x4.sub(g, m)));
    v = f32x4.add(v, f32x4.mul(second, f32x4.sub(f32x4.mul(g, g), v)));
    v128.store(means + at, m);
    v128.store(squares + at, v);
    const size = f32x4.add(f32x4.mul(corrections, f32x4.sqrt(v)), epsilons);
    const step = f32x4.div(f32x4.mul(rates, m), size);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), step));
  }
}
