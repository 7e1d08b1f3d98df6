import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fitGeneralizedPareto,
  paretoQuantile,
  paretoTail,
  SHAPE_BOUNDS,
} from "lib/numeric/generalized_pareto.ts";
import golden from "../golden/generalized_pareto.json" with { type: "json" };

function assertNear(actual: number, expected: number, within: number): void {
  const distance = Math.abs(actual - expected);
  assert.ok(
    distance <= within * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
}

for (const { name, excesses, shape, scale } of golden.fits) {
  Deno.test(`fitGeneralizedPareto() agrees with scipy: ${name}`, () => {
    const fitted = fitGeneralizedPareto(Float64Array.from(excesses));
    assertNear(fitted.shape, shape, golden.tolerance.fit);
    assertNear(fitted.scale, scale, golden.tolerance.fit);
  });
}

Deno.test("paretoTail() and paretoQuantile() agree with scipy", () => {
  const { relative } = golden.tolerance;
  for (const { excess, tail, ...distribution } of golden.tails) {
    assertNear(paretoTail(excess, distribution), tail, relative);
  }
  for (const { excess, tail, ...distribution } of golden.quantiles) {
    assertNear(paretoQuantile(tail, distribution), excess, relative);
  }
});

Deno.test("paretoTail() and paretoQuantile() are inverse", () => {
  const cases = fc.record({
    shape: fc.double({ min: -0.5, max: 1, noNaN: true }),
    scale: fc.double({ min: 0.1, max: 100, noNaN: true }),
    tail: fc.double({ min: 1e-9, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ tail, ...distribution }) => {
      const back = paretoTail(paretoQuantile(tail, distribution), distribution);
      assert.ok(Math.abs(back / tail - 1) < 1e-5);
    }),
    { seed: 9 },
  );
});

Deno.test("fitGeneralizedPareto() scales with its input and stays in bounds", () => {
  const values = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(values, (list) => {
      const excesses = Float64Array.from(list);
      const { shape, scale } = fitGeneralizedPareto(excesses);
      assert.ok(shape >= SHAPE_BOUNDS.least && shape <= SHAPE_BOUNDS.greatest);
      assert.ok(scale > 0 && Number.isFinite(scale));
      const double = fitGeneralizedPareto(excesses.map((one) => 2 * one));
      assertNear(double.shape, shape, 1e-6);
      assertNear(double.scale / 2, scale, 1e-6);
    }),
    { seed: 10 },
  );
});

Deno.test("fitGeneralizedPareto() takes equal or few excesses as exponential", () => {
  const equal = new Float64Array(50).fill(4);
  assert.deepEqual(fitGeneralizedPareto(equal), { shape: 0, scale: 4 });
  const few = Float64Array.of(1, 3);
  assert.deepEqual(fitGeneralizedPareto(few), { shape: 0, scale: 2 });
});

Deno.test("generalized Pareto functions refuse what they cannot take", () => {
  const rejects = (run: () => unknown) => assert.throws(run, RangeError);
  rejects(() => fitGeneralizedPareto(new Float64Array(0)));
  rejects(() => fitGeneralizedPareto(Float64Array.of(1, 0)));
  rejects(() => fitGeneralizedPareto(Float64Array.of(1, NaN)));
  rejects(() => paretoQuantile(0, { shape: 0, scale: 1 }));
  rejects(() => paretoQuantile(1.1, { shape: 0, scale: 1 }));
  rejects(() => paretoTail(-1, { shape: 0, scale: 1 }));
});
