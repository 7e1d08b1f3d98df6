import assert from "node:assert/strict";
import { SeededDropout } from "lib/numeric/dropout.ts";
import { type Tensor, tf } from "lib/numeric/tensors.ts";

function masks(layer: SeededDropout, calls: number, size = 200): number[][] {
  return Array.from({ length: calls }, () =>
    tf.tidy(() => {
      const output = layer.apply(tf.ones([1, size]), { training: true });
      return [...(output as Tensor).dataSync()];
    }));
}

Deno.test("SeededDropout draws a new mask at every training call", () => {
  const [first, second, third] = masks(new SeededDropout({ rate: 0.5 }), 3);
  assert.notDeepEqual(first, second);
  assert.notDeepEqual(second, third);
});

Deno.test("SeededDropout repeats its masks under the same seed only", () => {
  const options = { rate: 0.5, seed: 3 };
  const expected = masks(new SeededDropout(options), 3);
  assert.deepEqual(masks(new SeededDropout(options), 3), expected);
  const other = masks(new SeededDropout({ ...options, seed: 4 }), 3);
  assert.notDeepEqual(other, expected);
});

Deno.test("SeededDropout divides what it keeps by the share kept", () => {
  // rate 0.2: the others become 1 / 0.8 = 1.25. Of 10,000 units 2,000 are
  // dropped on average, with a standard deviation of 40.
  const [mask] = masks(new SeededDropout({ rate: 0.2 }), 1, 10_000);
  const dropped = mask.filter((value) => value === 0).length;
  assert.ok(Math.abs(dropped - 2000) < 200, `${dropped} of 10000 dropped`);
  assert.ok(mask.every((value) => value === 0 || value === 1.25));
});

Deno.test("SeededDropout changes nothing at inference or at rate 0", () => {
  const layer = new SeededDropout({ rate: 0.9 });
  const values = tf.tidy(() => [
    ...(layer.apply(tf.tensor1d([1, -2]), { training: false }) as Tensor)
      .dataSync(),
  ]);
  assert.deepEqual(values, [1, -2]);
  const [kept] = masks(new SeededDropout({ rate: 0 }), 1, 5);
  assert.deepEqual(kept, [1, 1, 1, 1, 1]);
});

Deno.test("SeededDropout leaves no tensor behind and describes itself", () => {
  const before = tf.memory().numTensors;
  const layer = new SeededDropout({ rate: 0.3, seed: 5 });
  masks(layer, 4);
  assert.equal(tf.memory().numTensors, before);
  const { rate, seed } = layer.getConfig();
  assert.deepEqual({ rate, seed }, { rate: 0.3, seed: 5 });
});

Deno.test("SeededDropout rejects a rate outside 0 to below 1", () => {
  for (const rate of [-0.1, 1, NaN]) {
    assert.throws(() => new SeededDropout({ rate }), RangeError);
  }
});
