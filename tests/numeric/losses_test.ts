import assert from "node:assert/strict";
import { lossGradient, networkLoss } from "lib/numeric/losses.ts";
import { tf } from "lib/numeric/tensors.ts";

/** The number of a loss; no tensor outlives it. */
function valueOf(run: () => ReturnType<typeof networkLoss>): number {
  return tf.tidy(() => run().dataSync()[0]);
}

Deno.test("networkLoss() weighs misses above and below by the quantile", () => {
  // Two targets of two quantiles each. Target 10: q 0.1 at 8 misses by +2,
  // 0.1 * 2 = 0.2; q 0.9 at 13 by -3, 0.1 * 3 = 0.3. Target 0: q 0.1 at 1 by
  // -1, 0.9; q 0.9 at 0 is right, 0. The mean of all four is 0.35.
  const loss = valueOf(() =>
    networkLoss(tf.tensor2d([[8, 13, 1, 0]]), tf.tensor2d([[10, 0]]), {
      loss: "pinball",
      quantiles: [0.1, 0.9],
    })
  );
  assert.ok(Math.abs(loss - 0.35) < 1e-6, `${loss}`);
});

Deno.test("networkLoss() counts targets by their weights alone", () => {
  const of = (loss: "meanSquaredError" | "meanAbsoluteError" | "pinball") =>
    valueOf(() =>
      networkLoss(
        tf.tensor2d([[1, 2], [3, 4]]),
        tf.tensor2d([[3, 9], [0, 4]]),
        {
          loss,
          weights: tf.tensor2d([[1, 0], [1, 0]]),
        },
      )
    );
  // Errors 2 and -3.
  assert.equal(of("meanSquaredError"), 6.5);
  assert.equal(of("meanAbsoluteError"), 2.5);
  assert.equal(of("pinball"), 1.25);
});

Deno.test("networkLoss() has finite gradients, on the target and far from it", () => {
  tf.tidy(() => {
    const outputs = tf.tensor2d([[0, 1e30, -1e30, 0]]);
    const gradient = tf.grad((x) =>
      networkLoss(x, tf.tensor2d([[0, 1e30]]), {
        loss: "pinball",
        quantiles: [0.2, 0.8],
      })
    )(outputs);
    // A quarter of -q where the target is above, of 1 - q where it is below.
    const found = gradient.dataSync();
    assert.ok(found.every(Number.isFinite), `${found}`);
    assert.ok(Math.abs(found[1] - 0.05) < 1e-7, `${found}`);
    assert.ok(Math.abs(found[2] + 0.05) < 1e-7, `${found}`);
  });
});

Deno.test("lossGradient() is the loss and the gradient of networkLoss()", () => {
  // Two samples of two targets.
  const targets = Float32Array.of(1, -2, 0.5, 3);
  const quantiles = [0.2, 0.5, 0.9];
  const weightings = [undefined, Float32Array.of(1, 0, 1, 1)];
  for (
    const loss of ["meanSquaredError", "meanAbsoluteError", "pinball"] as const
  ) {
    const width = loss === "pinball" ? quantiles.length : 1;
    const outputs = Float32Array.from(
      { length: 4 * width },
      (_, k) => k === 0 ? 1.25 : Math.sin(k),
    );
    for (const weights of weightings) {
      const found = lossGradient(outputs, targets, {
        loss,
        quantiles,
        weights,
      });
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((x) =>
          networkLoss(x, tf.tensor2d(targets, [2, 2]), {
            loss,
            quantiles,
            weights: weights && tf.tensor2d(weights, [2, 2]),
          })
        )(tf.tensor2d(outputs, [2, 2 * width]));
        assert.ok(Math.abs(found.loss - value.dataSync()[0]) < 1e-6);
        grad.dataSync().forEach((slope, k) =>
          assert.ok(Math.abs(found.gradient[k] - slope) < 1e-6)
        );
      });
    }
  }
});

Deno.test("lossGradient() has no slope on the target, or one of a tie", () => {
  const on = Float32Array.of(2);
  const slope = (loss: "meanSquaredError" | "meanAbsoluteError" | "pinball") =>
    lossGradient(on, on, { loss, quantiles: [0.25] });
  assert.equal(slope("meanSquaredError").gradient[0], 0);
  assert.equal(slope("meanAbsoluteError").gradient[0], 0);
  assert.equal(slope("pinball").gradient[0], -0.25);
  assert.equal(Math.abs(slope("pinball").loss), 0);
});
