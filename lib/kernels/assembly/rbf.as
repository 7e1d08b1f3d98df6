// Gaussian kernels exp(-gamma |a - b|^2) in double precision. Points lie column
// by column, each column padded to `stride` doubles, a multiple of 8; queries
// lie row by row. Additions and multiplications come in the same order as in
// the plain loops of rbf_points.ts, so that both give the same bits.

// 1.5 * 2^52, added to a double below 2^51, leaves the nearest integer in the
// last bits. Below -708 e^x is not a normal double. ln 2 is split in two, so
// that n times the first part is exact. The rest are the coefficients of
// Cephes' exp.
const EXP = memory.data<f64>([
  6755399441055744,
  -708,
  1.4426950408889634,
  0.693145751953125,
  1.42860682030941723212e-6,
  1.26177193074810590878e-4,
  3.02994407707441961300e-2,
  9.99999999999999999910e-1,
  3.00198505138664455042e-6,
  2.52448340349684104192e-3,
  2.27265548208155028766e-1,
  2,
  1,
]);

/** The k-th constant, twice. */
// @ts-ignore: decorator
@inline
function constant(k: usize): v128 {
  return v128.load64_splat(EXP + k * 8);
}

/** a * b + c, rounded twice. */
// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

/** e^x for x <= 0: x = n ln 2 + r, e^r by a rational function, times 2^n. */
// @ts-ignore: decorator
@inline
function exp2(x: v128): v128 {
  x = f64x2.pmax(x, constant(1));
  const shifted = madd(x, constant(2), constant(0));
  const n = f64x2.sub(shifted, constant(0));
  let r = f64x2.sub(x, f64x2.mul(n, constant(3)));
  r = f64x2.sub(r, f64x2.mul(n, constant(4)));
  const square = f64x2.mul(r, r);
  let p = madd(constant(5), square, constant(6));
  p = f64x2.mul(madd(p, square, constant(7)), r);
  let q = madd(constant(8), square, constant(9));
  q = madd(q, square, constant(10));
  q = madd(q, square, constant(11));
  q = f64x2.div(p, f64x2.sub(q, p));
  const y = f64x2.add(constant(12), f64x2.add(q, q));
  return i64x2.add(y, i64x2.shl(shifted, 52));
}

/** Adds (a - b)^2 of one feature, for two points. */
// @ts-ignore: decorator
@inline
function addSquare(sum: v128, point: usize, value: v128): v128 {
  const difference = f64x2.sub(v128.load(point), value);
  return f64x2.add(sum, f64x2.mul(difference, difference));
}

/** `out[i * stride + k]` becomes the kernel of query i and point k. */
export function rbfRows(
  queries: usize,
  count: i32,
  cols: i32,
  points: usize,
  stride: i32,
  gamma: f64,
  out: usize,
): void {
  const factor = f64x2.splat(-gamma);
  const column = <usize> stride * 8;
  for (let i = 0; i < count; i++) {
    for (let k: usize = 0; k < column; k += 64) {
      let a = f64x2.splat(0);
      let b = f64x2.splat(0);
      let c = f64x2.splat(0);
      let d = f64x2.splat(0);
      let at = points + k;
      for (let j = 0; j < cols; j++) {
        const value = v128.load64_splat(queries + (<usize> j << 3));
        a = addSquare(a, at, value);
        b = addSquare(b, at + 16, value);
        c = addSquare(c, at + 32, value);
        d = addSquare(d, at + 48, value);
        at += column;
      }
      v128.store(out + k, exp2(f64x2.mul(a, factor)));
      v128.store(out + k + 16, exp2(f64x2.mul(b, factor)));
      v128.store(out + k + 32, exp2(f64x2.mul(c, factor)));
      v128.store(out + k + 48, exp2(f64x2.mul(d, factor)));
    }
    queries += <usize> cols << 3;
    out += column;
  }
}

/** `out[i]` becomes the sum over points of weight times kernel with query i. */
export function rbfSums(
  queries: usize,
  count: i32,
  cols: i32,
  points: usize,
  stride: i32,
  gamma: f64,
  weights: usize,
  out: usize,
): void {
  const factor = f64x2.splat(-gamma);
  const column = <usize> stride * 8;
  for (let i = 0; i < count; i++) {
    let sum = f64x2.splat(0);
    for (let k: usize = 0; k < column; k += 64) {
      let a = f64x2.splat(0);
      let b = f64x2.splat(0);
      let c = f64x2.splat(0);
      let d = f64x2.splat(0);
      let at = points + k;
      for (let j = 0; j < cols; j++) {
        const value = v128.load64_splat(queries + (<usize> j << 3));
        a = addSquare(a, at, value);
        b = addSquare(b, at + 16, value);
        c = addSquare(c, at + 32, value);
        d = addSquare(d, at + 48, value);
        at += column;
      }
      const weight = weights + k;
      sum = madd(exp2(f64x2.mul(a, factor)), v128.load(weight), sum);
      sum = madd(exp2(f64x2.mul(b, factor)), v128.load(weight, 16), sum);
      sum = madd(exp2(f64x2.mul(c, factor)), v128.load(weight, 32), sum);
      sum = madd(exp2(f64x2.mul(d, factor)), v128.load(weight, 48), sum);
    }
    store<f64>(
      out,
      f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1),
    );
    queries += <usize> cols << 3;
    out += 8;
  }
}

/** The first byte that is free for data. */
export function heapBase(): usize {
  return __heap_base;
}
