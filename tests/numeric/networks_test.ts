import assert from "node:assert/strict";
import {
  decodeWeights,
  encodeWeights,
  layerSeed,
  predictInChunks,
  readWeights,
  writeWeightsInPlace,
} from "lib/numeric/networks.ts";
import { type LayersModel, tf } from "lib/numeric/tensors.ts";

/** Outputs `(x1 + 2 x2 + 5, 3 x1 + 4 x2 + 6)`. */
const WEIGHTS = [Float32Array.of(1, 3, 2, 4), Float32Array.of(5, 6)];
const SHAPES = [[2, 2], [2]];

function linearModel(): LayersModel {
  const layer = tf.layers.dense({ units: 2, inputShape: [2] });
  return tf.sequential({ layers: [layer] });
}

Deno.test("predictInChunks() gives the outputs in order, whatever the chunks", () => {
  const model = linearModel();
  writeWeightsInPlace(model, WEIGHTS);
  const before = tf.memory().numTensors;
  for (const chunkSize of [1, 2, 3, 100]) {
    const outputs = predictInChunks(model, 3, {
      // Sample i is (i, 10).
      inputs: (start, end) =>
        tf.tensor2d(
          Array.from({ length: end - start }, (_, k) => [start + k, 10]),
        ),
      chunkSize,
    });
    // i + 20 + 5 and 3 i + 40 + 6.
    assert.deepEqual([...outputs], [25, 46, 26, 49, 27, 52]);
  }
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

Deno.test("predictInChunks() of no samples is empty", () => {
  const model = linearModel();
  const outputs = predictInChunks(model, 0, {
    inputs: () => tf.zeros([0, 2]),
    chunkSize: 8,
  });
  assert.equal(outputs.length, 0);
  model.dispose();
});

Deno.test("readWeights() copies what writeWeightsInPlace() wrote", () => {
  const model = linearModel();
  const before = tf.memory().numTensors;
  writeWeightsInPlace(model, WEIGHTS);
  const read = readWeights(model);
  assert.deepEqual(read, WEIGHTS);
  read[0][0] = 99;
  assert.equal(readWeights(model)[0][0], 1);
  assert.equal(tf.memory().numTensors, before);
  model.dispose();
});

Deno.test("writeWeightsInPlace() rejects weights of another network", () => {
  const model = linearModel();
  assert.throws(() => writeWeightsInPlace(model, [WEIGHTS[0]]), RangeError);
  assert.throws(
    () => writeWeightsInPlace(model, [WEIGHTS[1], WEIGHTS[1]]),
    { message: /weight 0 has 2 values, expected 4/ },
  );
  model.dispose();
});

Deno.test("decodeWeights() inverts encodeWeights() through JSON text", () => {
  const model = linearModel();
  writeWeightsInPlace(model, WEIGHTS);
  const json = JSON.parse(JSON.stringify(encodeWeights(model)));
  assert.deepEqual(decodeWeights(json, SHAPES), WEIGHTS);
  model.dispose();
});

Deno.test("decodeWeights() rejects another count, shape or type", () => {
  const model = linearModel();
  const json = encodeWeights(model);
  model.dispose();
  const [kernel, bias] = json;
  const damaged: unknown[] = [
    null,
    [kernel],
    [bias, kernel],
    [{ ...kernel, shape: [4] }, bias],
    [{ ...kernel, values: bias.values }, bias],
    [{ ...kernel, values: { ...kernel.values, type: "float64" } }, bias],
    [7, bias],
  ];
  for (const bad of damaged) {
    assert.throws(() => decodeWeights(bad, SHAPES), SyntaxError);
  }
});

Deno.test("layerSeed() differs by layer and by seed and is never 0", () => {
  const seeds = [0, 1, 2].flatMap((seed) =>
    [0, 1, 2].map((layer) => layerSeed(seed, layer))
  );
  assert.equal(new Set(seeds).size, 9);
  assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 1));
  assert.equal(layerSeed(7, 3), layerSeed(7, 3));
});
