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
