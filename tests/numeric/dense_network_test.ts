import assert from "node:assert/strict";
import {
  DenseNetwork,
  type DenseShape,
  parameterCount,
} from "lib/numeric/dense_network.ts";
import { Random } from "lib/numeric/random.ts";
import golden from "../golden/autoencoder_adam.json" with { type: "json" };

Deno.test("DenseNetwork runs forward as worked by hand", () => {
  // hidden = relu(x1 - x2, 2 x1 - 1) = (3, 9) for (5, 2), (0, 3) for (2, 5);
  // output = 1 + hidden1 - hidden2.
  const shape: DenseShape = { sizes: [2, 2, 1], outputActivation: "linear" };
  const parameters = Float64Array.of(1, 2, -1, 0, 0, -1, 1, -1, 1);
  const network = new DenseNetwork(shape, parameters);
  const rows = Float64Array.of(5, 2, 2, 5);
  assert.deepEqual([...network.forward(rows, 2)], [-5, -2]);
});

for (
  const shape of [
    { sizes: [3, 5, 2], outputActivation: "sigmoid" },
    { sizes: [2, 6, 3, 6, 2], outputActivation: "linear" },
    { sizes: [4, 1], outputActivation: "sigmoid" },
  ] as const
) {
  Deno.test(`DenseNetwork's gradient is that of differences (${shape.sizes.join("-")}, ${shape.outputActivation})`, () => {
    const network = DenseNetwork.random(shape, 4, 0);
    const random = new Random(9);
    const draw = (count: number) =>
      Float64Array.from({ length: count }, () => random.normal());
    // Biases that are not 0 keep sums away from the corner of the ReLU.
    network.parameters.set(
      network.parameters.map((value) => value + 0.05 * random.normal()),
    );
    const rows = 7;
    const inputs = draw(rows * shape.sizes[0]);
    const targets = draw(rows * (shape.sizes.at(-1) ?? 0));
    const gradient = new Float64Array(network.parameters.length);
    const loss = network.gradientInto(inputs, targets, gradient);
    const unused = gradient.slice();
    const step = 1e-6;
    network.parameters.forEach((value, k) => {
      const at = (other: number) => {
        network.parameters[k] = other;
        return network.gradientInto(inputs, targets, unused);
      };
      const difference = (at(value + step) - at(value - step)) / (2 * step);
      network.parameters[k] = value;
      const gap = Math.abs(difference - gradient[k]);
      assert(gap < 1e-8, `parameter ${k}: ${gradient[k]}, ${difference}`);
    });
    const outputs = network.forward(inputs, rows);
    const mean = outputs.reduce(
      (sum, output, k) => sum + (output - targets[k]) ** 2 / outputs.length,
      0,
    );
    assert(Math.abs(mean - loss) < 1e-14);
  });
}

Deno.test("DenseNetwork has the loss that PyTorch has", () => {
  const { rows, cols, hiddenUnits } = golden;
  const network = new DenseNetwork(
    { sizes: [cols, hiddenUnits, cols], outputActivation: "sigmoid" },
    Float64Array.from(golden.weightsBefore.flat()),
  );
  const data = Float64Array.from(golden.data);
  assert.equal(data.length, rows * cols);
  const gradient = new Float64Array(network.parameters.length);
  const loss = network.gradientInto(data, data, gradient);
  assert(Math.abs(loss - golden.losses[0]) < golden.tolerance);
});

Deno.test("DenseNetwork.random() draws within Glorot's limits, by seed and stream", () => {
  const shape: DenseShape = { sizes: [20, 30, 20], outputActivation: "linear" };
  const { parameters } = DenseNetwork.random(shape, 1, 0);
  const kernel = parameters.subarray(0, 600);
  const limit = Math.sqrt(6 / 50);
  assert(kernel.every((value) => Math.abs(value) <= limit));
  const square = kernel.reduce((sum, value) => sum + value * value, 0) / 600;
  // The variance of a uniform draw from -a to a is a² / 3.
  assert(Math.abs(square / (limit * limit / 3) - 1) < 0.1);
  assert(parameters.subarray(600, 630).every((bias) => bias === 0));
  assert.deepEqual(DenseNetwork.random(shape, 1, 0).parameters, parameters);
  assert.notDeepEqual(DenseNetwork.random(shape, 2, 0).parameters, parameters);
  assert.notDeepEqual(DenseNetwork.random(shape, 1, 1).parameters, parameters);
});

Deno.test("parameterCount() counts weights and biases", () => {
  assert.equal(parameterCount([2, 16, 2]), 2 * 16 + 16 + 16 * 2 + 2);
});
