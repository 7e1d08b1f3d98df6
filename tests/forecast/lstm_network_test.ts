import assert from "node:assert/strict";
import golden from "../golden/lstm_forward.json" with { type: "json" };
import {
  buildLstmNetwork,
  lstmWeightShapes,
} from "lib/forecast/lstm_network.ts";
import {
  predictInChunks,
  readWeights,
  writeWeightsInPlace,
} from "lib/numeric/networks.ts";
import { type Tensor, tf } from "lib/numeric/tensors.ts";

const SIZES = {
  featureCount: golden.featureCount,
  windowLength: golden.windowLength,
  horizon: golden.horizon,
  units: golden.units,
  denseUnits: golden.denseUnits,
};

function build(seed = 1, dropout = 0.5) {
  return buildLstmNetwork(SIZES, { dropout, seed });
}

function windowsTensor(): Tensor {
  const { batch, windowLength, featureCount } = golden;
  return tf.tensor3d(golden.inputs, [batch, windowLength, featureCount]);
}

Deno.test("buildLstmNetwork() computes what PyTorch computes with the same weights", () => {
  const model = build();
  writeWeightsInPlace(
    model,
    golden.weights.map((weight) => Float32Array.from(weight)),
  );
  const outputs = predictInChunks(model, golden.batch, {
    inputs: windowsTensor,
    chunkSize: golden.batch,
  });
  assert.equal(outputs.length, golden.outputs.length);
  outputs.forEach((output, i) =>
    assert.ok(
      Math.abs(output - golden.outputs[i]) <= golden.tolerance,
      `output ${i} is ${output}, expected ${golden.outputs[i]}`,
    )
  );
  model.dispose();
});

Deno.test("lstmWeightShapes() are the shapes of the network's weights", () => {
  const model = build();
  const shapes = model.getWeights().map((weight) => weight.shape);
  assert.deepEqual(lstmWeightShapes(SIZES), shapes);
  model.dispose();
});

Deno.test("buildLstmNetwork() draws weights by the seed, differently in each layer", () => {
  const [first, again, other] = [build(1), build(1), build(2)];
  const weights = readWeights(first);
  assert.deepEqual(readWeights(again), weights);
  assert.notDeepEqual(readWeights(other)[0], weights[0]);
  // The recurrent kernels of both layers have one shape, never one content.
  assert.notDeepEqual(weights[1], weights[4]);
  assert.notDeepEqual(weights[3], weights[4]);
  [first, again, other].forEach((model) => model.dispose());
});

Deno.test("buildLstmNetwork() starts with a forget gate that is open", () => {
  // Bias in the order i f c o, 4 units each: ones for f alone.
  const model = build();
  const expected = [0, 1, 0, 0].flatMap((gate) => Array(4).fill(gate));
  assert.deepEqual([...readWeights(model)[2]], expected);
  assert.deepEqual([...readWeights(model)[5]], expected);
  model.dispose();
});

Deno.test("buildLstmNetwork() drops units in training only", () => {
  const outputOf = (dropout: number, training: boolean) => {
    const model = build(1, dropout);
    const values = tf.tidy(() => [
      ...(model.apply(windowsTensor(), { training }) as Tensor).dataSync(),
    ]);
    model.dispose();
    return values;
  };
  assert.deepEqual(outputOf(0.5, false), outputOf(0, false));
  assert.notDeepEqual(outputOf(0.5, true), outputOf(0, true));
  assert.deepEqual(outputOf(0.5, true), outputOf(0.5, true));
});
