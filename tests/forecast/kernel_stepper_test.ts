import assert from "node:assert/strict";
import { kernelStepper } from "lib/forecast/kernel_stepper.ts";
import { buildLstmNetwork } from "lib/forecast/lstm_network.ts";
import { compileKernels } from "lib/kernels/kernels.ts";
import { LstmKernel } from "lib/kernels/lstm_kernel.ts";
import { readWeights } from "lib/numeric/networks.ts";
import { Random } from "lib/numeric/random.ts";
import { type LayersModel, tf } from "lib/numeric/tensors.ts";
import {
  type TrainingData,
  type TrainingHistory,
  type TrainingOptions,
  trainNetwork,
} from "lib/numeric/training.ts";

const STEPS = 6, FEATURES = 3;

type Options = {
  units?: number;
  horizon?: number;
  quantiles?: number[];
  kernels?: LstmKernel;
};

function modelOf(options: Options = {}): LayersModel {
  const { units = 6, horizon = 1, quantiles = [0.5], kernels } = options;
  return buildLstmNetwork({
    featureCount: FEATURES,
    windowLength: STEPS,
    horizon,
    units,
    denseUnits: 5,
    quantiles,
  }, { dropout: 0.3, seed: 1, ...(kernels ? { kernels } : {}) });
}

function randoms(random: Random, size: number): Float32Array {
  return Float32Array.from({ length: size }, () => random.normal());
}

/** Samples whose targets count for 0 or 1, the first of each always. */
function dataOf(size: number, horizon = 1, weighted = false): TrainingData {
  const random = new Random(2);
  const x = randoms(random, size * STEPS * FEATURES);
  const y = randoms(random, size * horizon);
  const w = Float32Array.from(y, (_, i) => i % horizon === 0 ? 1 : i % 2);
  const rowsOf = (values: Float32Array, rows: Uint32Array, width: number) =>
    Float32Array.from(
      { length: rows.length * width },
      (_, i) => values[rows[Math.floor(i / width)] * width + i % width],
    );
  return {
    size,
    batch: (rows) => ({
      inputs: tf.tensor3d(rowsOf(x, rows, STEPS * FEATURES), [
        rows.length,
        STEPS,
        FEATURES,
      ]),
      targets: tf.tensor2d(rowsOf(y, rows, horizon), [rows.length, horizon]),
      ...(weighted
        ? {
          weights: tf.tensor2d(rowsOf(w, rows, horizon), [
            rows.length,
            horizon,
          ]),
        }
        : {}),
    }),
  };
}

async function trained(
  model: LayersModel,
  data: TrainingData,
  options: TrainingOptions,
): Promise<{ history: TrainingHistory; weights: Float32Array[] }> {
  const before = tf.memory().numTensors;
  const history = await trainNetwork(model, data, {
    epochs: 3,
    learningRate: 0.01,
    validation: data,
    ...options,
  });
  assert.equal(tf.memory().numTensors, before, "tensors were left behind");
  const weights = [...readWeights(model)];
  model.dispose();
  return { history, weights };
}

function assertNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance,
      `[${i}] is ${actual[i]}, expected ${expected[i]}`,
    );
  }
}

const CASES: { name: string; network: Options; options: TrainingOptions }[] = [
  { name: "the squared loss", network: {}, options: {} },
  { name: "odd sizes", network: { units: 3 }, options: { batchSize: 7 } },
  {
    name: "the absolute loss of several steps",
    network: { horizon: 3, units: 13 },
    options: { loss: "meanAbsoluteError" },
  },
  {
    name: "quantiles that never cross",
    network: { horizon: 2, quantiles: [0.1, 0.5, 0.9] },
    options: { loss: "pinball", quantiles: [0.1, 0.5, 0.9] },
  },
];

for (const { name, network, options } of CASES) {
  Deno.test(`kernelStepper() trains as TensorFlow.js does, with dropout: ${name}`, async () => {
    // 75 samples: two full batches and one of another size.
    const data = dataOf(75, network.horizon, name.includes("never"));
    const expected = await trained(modelOf(network), data, options);
    const found = await trained(modelOf(network), data, {
      ...options,
      stepper: kernelStepper,
    });
    for (const part of ["trainingLoss", "validationLoss"] as const) {
      assertNear(found.history[part], expected.history[part], 1e-4);
    }
    found.weights.forEach((weight, k) =>
      assertNear(weight, expected.weights[k], 2e-3)
    );
  });
}

Deno.test("kernelStepper() gives the same weights bit by bit whatever the number of threads", async () => {
  const module = await compileKernels("relaxed-simd");
  const results = [];
  for (const threads of [1, 2, 3]) {
    const kernels = new LstmKernel(module, { threads });
    const model = modelOf({ kernels, units: 40 });
    // Batches of 64 are 4 parts. Workers join in once they have started.
    results.push(
      await trained(model, dataOf(200), {
        batchSize: 64,
        epochs: 6,
        stepper: kernelStepper,
        onProgress: () => {
          const end = performance.now() + 10;
          while (performance.now() < end);
        },
      }),
    );
  }
  for (const result of results.slice(1)) assert.deepEqual(result, results[0]);
});

Deno.test("kernelStepper() leaves to TensorFlow.js what the kernels do not train", () => {
  const settings = {
    loss: "meanSquaredError",
    quantiles: [0.5],
    batchSize: 32,
  } as const;
  const input = { inputShape: [STEPS, FEATURES] };
  const unfused = buildLstmNetwork({
    featureCount: FEATURES,
    windowLength: STEPS,
    horizon: 1,
    units: 2,
    denseUnits: 2,
  }, { dropout: 0, seed: 0, kernels: null });
  const dense = tf.sequential({
    layers: [tf.layers.flatten(input), tf.layers.dense({ units: 1 })],
  });
  const frozen = modelOf();
  frozen.layers[4].trainable = false;
  for (const model of [unfused, dense, frozen]) {
    assert.equal(kernelStepper(model, settings), undefined);
    model.dispose();
  }
  const large = modelOf({ units: 64 });
  assert.equal(
    kernelStepper(large, { ...settings, batchSize: 1e6 }),
    undefined,
  );
  large.dispose();
});
