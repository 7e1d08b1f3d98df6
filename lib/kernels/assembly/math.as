// Elementary functions of four 32-bit floats at once, to a relative error of
// 3e-7, and the one operation that differs between the two builds.
//
// Constants stand in memory: engines load one faster than they build it.

/** a * b + c. Relaxed SIMD rounds once where the processor can. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The k-th float of a table, four times. */
// @ts-ignore: decorator
@inline
function constant(table: usize, k: usize): v128 {
  return v128.load32_splat(table + k * 4);
}

// Beyond 87.3 e^x is not a normal float. 1.5 * 2^23, added to a float below
// 2^22, leaves the nearest integer in the last bits. ln 2 is split in two, so
// that n times the first part is exact for every n met here. The rest are the
// coefficients of Cephes' expf.
const EXP = memory.data<f32>([
  87.3,
  -87.3,
  12582912,
  1.4426950408889634,
  -0.693359375,
  2.12194440e-4,
  1.9875691500e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  1,
]);

/** 1, four times. */
// @ts-ignore: decorator
@inline
export function one4(): v128 {
  return constant(EXP, 12);
}

/** e^x: x = n ln 2 + r, e^r by a polynomial, times 2^n. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmin(x, constant(EXP, 0));
  x = f32x4.pmax(x, constant(EXP, 1));
  const rounder = constant(EXP, 2);
  const shifted = madd(x, constant(EXP, 3), rounder);
  const n = f32x4.sub(shifted, rounder);
  let r = madd(n, constant(EXP, 4), x);
  r = madd(n, constant(EXP, 5), r);
  let y = constant(EXP, 6);
  y = madd(y, r, constant(EXP, 7));
  y = madd(y, r, constant(EXP, 8));
  y = madd(y, r, constant(EXP, 9));
  y = madd(y, r, constant(EXP, 10));
  y = madd(y, r, constant(EXP, 11));
  y = madd(y, f32x4.mul(r, r), f32x4.add(r, constant(EXP, 12)));
  return i32x4.add(y, i32x4.shl(shifted, 23));
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = one4();
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

// From 7.9 on tanh is 1 to half a unit in the last place. The rest are the
// coefficients of Eigen's tanh: 7 of the numerator, 4 of the denominator.
const TANH = memory.data<f32>([
  7.90531110763549805,
  -7.90531110763549805,
  -2.76076847742355e-16,
  2.00018790482477e-13,
  -8.60467152213735e-11,
  5.12229709037114e-08,
  1.48572235717979e-05,
  6.37261928875436e-04,
  4.89352455891786e-03,
  1.19825839466702e-06,
  1.18534705686654e-04,
  2.26843463243900e-03,
  4.89352518554385e-03,
]);

/** tanh x by a rational function, odd over even. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  x = f32x4.pmin(x, constant(TANH, 0));
  x = f32x4.pmax(x, constant(TANH, 1));
  const z = f32x4.mul(x, x);
  let p = constant(TANH, 2);
  p = madd(p, z, constant(TANH, 3));
  p = madd(p, z, constant(TANH, 4));
  p = madd(p, z, constant(TANH, 5));
  p = madd(p, z, constant(TANH, 6));
  p = madd(p, z, constant(TANH, 7));
  p = madd(p, z, constant(TANH, 8));
  let q = constant(TANH, 9);
  q = madd(q, z, constant(TANH, 10));
  q = madd(q, z, constant(TANH, 11));
  q = madd(q, z, constant(TANH, 12));
  return f32x4.div(f32x4.mul(x, p), q);
}
