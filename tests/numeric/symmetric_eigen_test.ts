import assert from "node:assert/strict";
import fc from "fast-check";
import { symmetricEigen } from "lib/numeric/symmetric_eigen.ts";

Deno.test("symmetricEigen() finds what can be found by hand", () => {
  // Characteristic polynomial (2 - λ)² - 1 = 0 and a lone 7.
  const a = Float64Array.of(2, 0, 1, 0, 7, 0, 1, 0, 2);
  const { values, vectors } = symmetricEigen(a, 3);
  [7, 3, 1].forEach((value, k) => assert(Math.abs(values[k] - value) < 1e-12));
  assert.deepEqual([...vectors.slice(0, 3)].map(Math.abs), [0, 1, 0]);
  const [x, y, z] = vectors.slice(3, 6);
  assert(Math.abs(x - z) < 1e-12 && y === 0);
});

Deno.test("symmetricEigen() makes unit vectors that give the matrix back", () => {
  const element = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const matrices = fc.integer({ min: 1, max: 7 }).chain((d) =>
    fc.array(element, { minLength: d * d, maxLength: d * d })
      .map((list) => ({ d, list }))
  );
  fc.assert(
    fc.property(matrices, ({ d, list }) => {
      const a = Float64Array.from(
        list,
        (_, k) =>
          list[
            Math.max(Math.floor(k / d), k % d) * d +
            Math.min(Math.floor(k / d), k % d)
          ],
      );
      const { values, vectors } = symmetricEigen(a, d);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) {
          let back = 0, product = 0;
          for (let k = 0; k < d; k++) {
            back += values[k] * vectors[k * d + i] * vectors[k * d + j];
            product += vectors[i * d + k] * vectors[j * d + k];
          }
          assert(Math.abs(back - a[i * d + j]) < 1e-9);
          assert(Math.abs(product - (i === j ? 1 : 0)) < 1e-12);
        }
      }
      values.slice(1).forEach((value, k) => assert(value <= values[k]));
    }),
    { seed: 4, numRuns: 200 },
  );
});

Deno.test("symmetricEigen() takes zeros and rejects another length", () => {
  const { values } = symmetricEigen(new Float64Array(9), 3);
  assert.deepEqual([...values], [0, 0, 0]);
  assert.throws(() => symmetricEigen(new Float64Array(8), 3), {
    name: "RangeError",
    message: /matrix has 8 values, expected 9/,
  });
});
