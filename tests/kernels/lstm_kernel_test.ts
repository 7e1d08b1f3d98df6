import assert from "node:assert/strict";
import { compileKernels, type KernelBuild } from "lib/kernels/kernels.ts";
import {
  LstmKernel,
  type LstmShape,
  type LstmWeights,
} from "lib/kernels/lstm_kernel.ts";
import { Random } from "lib/numeric/random.ts";
import { type Tensor, tf } from "lib/numeric/tensors.ts";

const BUILDS: KernelBuild[] = ["relaxed-simd", "simd"];

/** Batch, steps, features, units. */
const SIZES = [
  [3, 2, 5, 1],
  [1, 50, 1, 5],
  [33, 50, 5, 5],
  [32, 50, 5, 50],
  [33, 7, 50, 50],
  [1, 50, 5, 64],
  [3, 4, 5, 256],
  [2, 1000, 1, 5],
  [7, 3, 9, 13],
];

function randoms(random: Random, size: number, scale = 1): Float32Array {
  return Float32Array.from(
    { length: size },
    () => scale * (2 * random.uniform() - 1),
  );
}

function weightsOf(shape: LstmShape, random: Random): LstmWeights {
  const { features, units } = shape;
  const scale = 1 / Math.sqrt(units);
  return {
    kernel: randoms(random, features * 4 * units, scale),
    recurrent: randoms(random, units * 4 * units, scale),
    bias: randoms(random, 4 * units),
  };
}

/** The largest difference, as a share of the largest value. */
function relativeError(actual: Float32Array, expected: ArrayLike<number>) {
  assert.equal(actual.length, expected.length);
  let difference = 0, size = 0;
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(actual[i])) return Infinity;
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return difference / size;
}

function stock(
  shape: LstmShape,
  weights: LstmWeights,
  inputs: Float32Array,
  gradient: Float32Array,
) {
  const { batch, steps, features, units, everyStep } = shape;
  const layer = tf.layers.lstm({
    units,
    returnSequences: everyStep,
    recurrentActivation: "sigmoid",
    inputShape: [steps, features],
    recurrentInitializer: "zeros",
  });
  const model = tf.sequential({ layers: [layer] });
  const results = tf.tidy(() => {
    model.setWeights([
      tf.tensor(weights.kernel, [features, 4 * units]),
      tf.tensor(weights.recurrent, [units, 4 * units]),
      tf.tensor(weights.bias, [4 * units]),
    ]);
    const x = tf.tensor3d(inputs, [batch, steps, features]);
    const dy = tf.tensor(
      gradient,
      everyStep ? [batch, steps, units] : [batch, units],
    );
    const outputs = model.apply(x) as Tensor;
    const loss = () => tf.sum(tf.mul(model.apply(x) as Tensor, dy)).asScalar();
    const dInputs = tf.grad((x: Tensor) =>
      tf.sum(tf.mul(model.apply(x) as Tensor, dy))
    )(x);
    const { grads } = tf.variableGrads(loss);
    const byName = (ending: string) =>
      Object.entries(grads).find(([name]) => name.includes(ending))![1];
    const read = (tensor: Tensor) => tensor.dataSync() as Float32Array;
    return {
      outputs: read(outputs),
      inputs: read(dInputs),
      kernel: read(byName("/kernel")),
      recurrent: read(byName("/recurrent_kernel")),
      bias: read(byName("/bias")),
    };
  });
  model.dispose();
  return results;
}

for (const build of BUILDS) {
  for (const [batch, steps, features, units] of SIZES) {
    for (const everyStep of [true, false]) {
      const shape = { batch, steps, features, units, everyStep };
      Deno.test(`LstmKernel (${build}) computes what TensorFlow.js computes: ${JSON.stringify(shape)}`, async () => {
        const kernel = new LstmKernel(await compileKernels(build));
        const random = new Random(1, units);
        const weights = weightsOf(shape, random);
        const inputs = randoms(random, batch * steps * features);
        const gradient = randoms(
          random,
          batch * units * (everyStep ? steps : 1),
        );
        const expected = stock(shape, weights, inputs, gradient);
        const data = { weights, inputs };
        const { outputs, states } = kernel.forward(shape, data, {
          keepStates: true,
        });
        assert.ok(relativeError(outputs, expected.outputs) < 1e-5);
        for (const kept of [states, undefined]) {
          const found = kernel.backward(shape, gradient, {
            states: kept,
            data: () => data,
          });
          for (
            const name of ["kernel", "recurrent", "bias", "inputs"] as const
          ) {
            const error = relativeError(found[name], expected[name]);
            assert.ok(error < 1e-4, `${name}: ${error}`);
          }
        }
      });
    }
  }
}

/** The layer in double precision, step by step: the sum of its outputs, each
 * times its gradient. */
function weightedSum(
  shape: LstmShape,
  values: { [name in "kernel" | "recurrent" | "bias" | "inputs"]: number[] },
  gradient: Float32Array,
): number {
  const { batch, steps, features, units, everyStep } = shape;
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  let sum = 0;
  for (let b = 0; b < batch; b++) {
    let h = Array<number>(units).fill(0);
    const c = Array<number>(units).fill(0);
    for (let t = 0; t < steps; t++) {
      const z = values.bias.map((bias, col) => {
        let total = bias;
        for (let f = 0; f < features; f++) {
          total += values.inputs[(b * steps + t) * features + f] *
            values.kernel[f * 4 * units + col];
        }
        for (let u = 0; u < units; u++) {
          total += h[u] * values.recurrent[u * 4 * units + col];
        }
        return total;
      });
      h = h.map((_, u) => {
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) => z[gate * units + u]);
        c[u] = sigmoid(f) * c[u] + sigmoid(i) * Math.tanh(g);
        return sigmoid(o) * Math.tanh(c[u]);
      });
      if (!everyStep && t < steps - 1) continue;
      const row = everyStep ? b * steps + t : b;
      h.forEach((value, u) => sum += value * gradient[row * units + u]);
    }
  }
  return sum;
}

for (const [batch, steps, features, units] of [[2, 1, 3, 5], [3, 4, 2, 3]]) {
  for (const everyStep of [true, false]) {
    const shape = { batch, steps, features, units, everyStep };
    Deno.test(`LstmKernel has the gradients that finite differences have: ${JSON.stringify(shape)}`, async () => {
      const random = new Random(2);
      const weights = weightsOf(shape, random);
      const inputs = randoms(random, batch * steps * features);
      const gradient = randoms(random, batch * steps * units);
      const kernels = new LstmKernel(await compileKernels("relaxed-simd"));
      const found = kernels.backward(
        shape,
        gradient.subarray(0, batch * units * (everyStep ? steps : 1)),
        { data: () => ({ weights, inputs }) },
      );
      const values = {
        kernel: [...weights.kernel],
        recurrent: [...weights.recurrent],
        bias: [...weights.bias],
        inputs: [...inputs],
      };
      const width = 1e-5;
      for (const name of ["kernel", "recurrent", "bias", "inputs"] as const) {
        const slopes = values[name].map((value, i) => {
          const at = (x: number) => {
            values[name][i] = x;
            return weightedSum(shape, values, gradient);
          };
          const slope = (at(value + width) - at(value - width)) / (2 * width);
          values[name][i] = value;
          return slope;
        });
        if (steps === 1 && name === "recurrent") {
          // Nothing comes before the first step.
          assert.ok(found.recurrent.every((value) => value === 0));
          assert.ok(slopes.every((value) => value === 0));
        } else {
          const error = relativeError(found[name], slopes);
          assert.ok(error < 1e-5, `${name}: ${error}`);
        }
      }
    });
  }
}

Deno.test("LstmKernel gives the same results bit by bit whatever the number of threads", async () => {
  const shape = {
    batch: 70,
    steps: 20,
    features: 5,
    units: 50,
    everyStep: true,
  };
  const random = new Random(3);
  const weights = weightsOf(shape, random);
  const inputs = randoms(random, 70 * 20 * 5);
  const gradient = randoms(random, 70 * 20 * 50);
  const module = await compileKernels("relaxed-simd");
  const results = [];
  for (const threads of [1, 2, 3]) {
    const kernels = new LstmKernel(module, { threads });
    for (let round = 0; round < 3; round++) {
      const data = { weights, inputs };
      const { outputs, states } = kernels.forward(shape, data, {
        keepStates: true,
      });
      const found = kernels.backward(shape, gradient, {
        states,
        data: () => data,
      });
      results.push({ outputs, ...found });
      // Workers start beside this thread and may join from the next round on.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    kernels.release();
  }
  for (const result of results.slice(1)) assert.deepEqual(result, results[0]);
});

Deno.test("LstmKernel takes a batch that is too large for its memory part by part", async () => {
  // About 10 MB a sequence: 6 are in memory together.
  const shape = {
    batch: 20,
    steps: 1000,
    features: 2,
    units: 200,
    everyStep: false,
  };
  const random = new Random(4);
  const weights = weightsOf(shape, random);
  const inputs = randoms(random, 20 * 1000 * 2);
  const gradient = randoms(random, 20 * 200);
  const kernels = new LstmKernel(await compileKernels("relaxed-simd"));
  const data = { weights, inputs };
  const whole = kernels.forward(shape, data, { keepStates: true });
  assert.equal(whole.states, undefined);
  assert.ok(kernels.bytes < 200 * 2 ** 20, `${kernels.bytes}`);
  const found = kernels.backward(shape, gradient, { data: () => data });
  assert.ok(kernels.bytes < 200 * 2 ** 20, `${kernels.bytes}`);
  const last = {
    weights,
    inputs: inputs.subarray(19 * 2000),
  };
  const alone = kernels.forward({ ...shape, batch: 1 }, last);
  assert.ok(
    relativeError(whole.outputs.slice(19 * 200), alone.outputs) < 1e-5,
  );
  const aloneGradient = kernels.backward(
    { ...shape, batch: 1 },
    gradient.subarray(19 * 200),
    { data: () => last },
  );
  assert.ok(
    relativeError(found.inputs.slice(19 * 2000), aloneGradient.inputs) < 1e-4,
  );
  kernels.release();
  assert.equal(kernels.bytes, 0);
});
