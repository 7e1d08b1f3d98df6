import assert from "node:assert/strict";
import fc from "fast-check";
import { OrderedQuantiles } from "lib/forecast/ordered_quantiles.ts";
import { networkLoss } from "lib/numeric/losses.ts";
import { type Tensor, tf } from "lib/numeric/tensors.ts";

function ordered(
  outputs: readonly number[],
  quantiles: readonly number[],
): Float32Array {
  return tf.tidy(() =>
    (new OrderedQuantiles({ quantiles })
      .apply(tf.tensor2d([[...outputs]])) as Tensor)
      .dataSync() as Float32Array
  );
}

Deno.test("OrderedQuantiles makes logistic quantiles of zeros, step by step", () => {
  // ln(0.9 / 0.1) / 1.702 = 1.29097; the normal quantile is 1.28155.
  const values = ordered([0, 0, 0, 0, 5, 0], [0.1, 0.5, 0.9]);
  const expected = [-1.29097, 0, 1.29097, 3.70903, 5, 6.29097];
  expected.forEach((value, i) =>
    assert.ok(Math.abs(values[i] - value) < 1e-4, `${values}`)
  );
});

Deno.test("OrderedQuantiles never lets quantiles cross, whatever the network gives", () => {
  const quantiles = [0.01, 0.05, 0.25, 0.4, 0.6, 0.95];
  const output = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(output, { minLength: 12, maxLength: 12 }),
      (outputs) => {
        const values = ordered(outputs, quantiles);
        for (const step of [0, 1]) {
          const own = values.subarray(step * 6, step * 6 + 6);
          assert.ok(own.every(Number.isFinite));
          assert.deepEqual([...own], [...own].sort((a, b) => a - b));
        }
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("OrderedQuantiles passes finite gradients on", () => {
  const quantiles = [0.1, 0.5, 0.9];
  const layer = new OrderedQuantiles({ quantiles });
  tf.tidy(() => {
    const gradient = tf.grad((x) =>
      networkLoss(layer.apply(x) as Tensor, tf.tensor2d([[1, 1e9]]), {
        loss: "pinball",
        quantiles,
      })
    )(tf.tensor2d([[3, 100, -200, -5000, 0, 5000]]));
    assert.ok(gradient.dataSync().every(Number.isFinite));
  });
});
