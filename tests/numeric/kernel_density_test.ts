import assert from "node:assert/strict";
import { KernelDensity } from "lib/numeric/kernel_density.ts";
import { Random } from "lib/numeric/random.ts";

function areaOf(density: KernelDensity): number {
  let area = 0;
  for (let value = -100; value <= 100; value += 0.1) area += density.at(value);
  return area * 0.1;
}

Deno.test("KernelDensity learns a normal density and sums to about 1", () => {
  const random = new Random(1);
  const values = Float64Array.from({ length: 20_000 }, () => random.normal());
  const density = KernelDensity.fit(values);
  for (const value of [-2, -1, 0, 1, 2]) {
    const normal = Math.exp(-(value ** 2) / 2) / Math.sqrt(2 * Math.PI);
    assert.ok(Math.abs(density.at(value) - normal) < 0.02, `${value}`);
  }
  assert.ok(Math.abs(areaOf(density) - 1) < 0.01);
});

Deno.test("KernelDensity keeps two modes apart", () => {
  const values = Float64Array.from(
    { length: 1000 },
    (_, i) => (i % 5 === 0 ? 6 : 0) + (i % 7 - 3) / 5,
  );
  const density = KernelDensity.fit(values);
  assert.ok(density.at(0) > 2 * density.at(6));
  assert.ok(density.at(6) > 10 * density.at(3));
});

Deno.test("KernelDensity of nothing is Cauchy's, of equal values a peak", () => {
  const none = KernelDensity.fit(new Float64Array(0));
  assert.ok(Math.abs(none.at(1) / none.at(0) - 0.5) < 1e-12);
  const equal = KernelDensity.fit(new Float64Array(10));
  assert.ok(Math.abs(areaOf(equal) - 1) < 0.01);
  assert.ok(equal.at(1e9) > 0 && equal.at(-1e9) > 0);
});
