import assert from "node:assert/strict";
import { Adam } from "lib/numeric/adam.ts";
import { type Tensor, tf, type Variable } from "lib/numeric/tensors.ts";

function weight(values: number[]): Variable {
  return tf.variable(tf.tensor1d(values)) as unknown as Variable;
}

function gradients(variables: Variable[], values: number[][]) {
  return Object.fromEntries(
    variables.map(({ name }, k): [string, Tensor] => [
      name,
      tf.tensor1d(values[k]),
    ]),
  );
}

Deno.test("Adam moves each weight against its gradient, by the rate in the first step", () => {
  // m' / sqrt(v') is the sign of the gradient, whatever its size.
  tf.tidy(() => {
    const variables = [weight([1, 1]), weight([5])];
    new Adam(variables, 0.5).step(gradients(variables, [[1e-3, -20], [7]]));
    const moved = variables.map((variable) => [...variable.dataSync()]);
    const expected = [[0.5, 1.5], [4.5]];
    moved.flat().forEach((value, i) =>
      assert.ok(Math.abs(value - expected.flat()[i]) < 1e-4)
    );
    variables.forEach((variable) => variable.dispose());
  });
});

Deno.test("Adam takes the steps of TensorFlow.js's own", () => {
  tf.tidy(() => {
    const [ours, theirs] = [weight([1, -2, 3]), weight([1, -2, 3])];
    const adam = new Adam([ours], 0.01);
    const stock = tf.train.adam(0.01, 0.9, 0.999, 1e-7);
    for (const step of [1, 2, 3, 4, 5]) {
      const values = [Math.sin(step), step - 3, 1 / step];
      adam.step(gradients([ours], [values]));
      const named = gradients([theirs], [values]);
      stock.applyGradients(
        Object.entries(named).map(([name, tensor]) => ({ name, tensor })),
      );
    }
    const expected = theirs.dataSync();
    ours.dataSync().forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]) < 1e-5)
    );
    stock.dispose();
    [ours, theirs].forEach((variable) => variable.dispose());
  });
});

Deno.test("Adam takes the rate that is set, and leaves no tensor behind", () => {
  const variable = weight([0]);
  const adam = new Adam([variable], 1);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    adam.step(gradients([variable], [[1]]));
    adam.rate = 0;
    adam.step(gradients([variable], [[1]]));
  });
  assert.equal(tf.memory().numTensors, before);
  assert.ok(Math.abs(variable.dataSync()[0] + 1) < 1e-4);
  variable.dispose();
});
