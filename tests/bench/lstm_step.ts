/**
 * Times one training step of the reference's network (batch 32, 50 steps of 5
 * features, LSTM 50, LSTM 50, Dense 25, Dense 1, dropout 0.2, Adam, MSE) with
 * one and two threads and with stock TensorFlow.js, long and wide LSTM layers
 * against stock ones, and the forecast of one window. Prints JSON, times in
 * ms. Candidates take turns, so that all meet the same load.
 *
 * deno run -A tests/bench/lstm_step.ts [ROUNDS]
 *
 * @module
 */

import { kernelStepper } from "lib/forecast/kernel_stepper.ts";
import { FusedLstm } from "lib/forecast/lstm_layer.ts";
import { buildLstmNetwork } from "lib/forecast/lstm_network.ts";
import { compileKernels, supportedBuilds } from "lib/kernels/kernels.ts";
import { LstmKernel } from "lib/kernels/lstm_kernel.ts";
import { predictInChunks } from "lib/numeric/networks.ts";
import { Random } from "lib/numeric/random.ts";
import { quantile } from "lib/numeric/statistics.ts";
import { type LayersModel, type Tensor, tf } from "lib/numeric/tensors.ts";
import { trainNetwork } from "lib/numeric/training.ts";

const BATCH = 32, STEPS = 50, FEATURES = 5, UNITS = 50, DENSE = 25;
const DROPOUT = 0.2;
const THREADS = [1, 2];
const BATCHES_A_ROUND = 60;
const SLOW_RUNS_A_ROUND = 2;

type Case = { name: string; run: () => number[] | Promise<number[]> };

const rounds = Number(Deno.args[0] ?? 7);
const module = await compileKernels(supportedBuilds()[0]);
const kernels = THREADS.map((threads) => new LstmKernel(module, { threads }));

if (import.meta.main) {
  const step = await measure([
    ...THREADS.map((threads, k) => ourStep(`threads ${threads}`, kernels[k])),
    stockStep("stock"),
  ]);
  const layers = await measure([
    ...layerCases("1000 steps, batch 8, 64 units", 8, 1000, 64),
    ...layerCases("50 steps, batch 32, 256 units", 32, 50, 256),
  ]);
  const inference = await measure(
    THREADS.map((threads, k) =>
      oneWindow(`one window, 64 units, threads ${threads}`, kernels[k])
    ),
  );
  console.log(
    JSON.stringify(
      { deno: Deno.version.deno, step, layers, inference },
      null,
      1,
    ),
  );
}

/** Runs all cases in turn, `rounds` times after a first one to warm up. */
async function measure(cases: Case[]) {
  const times = cases.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [k, { run }] of cases.entries()) {
      const found = await run();
      if (round > 0) times[k].push(...found);
    }
  }
  return Object.fromEntries(cases.map(({ name }, k) => {
    const sorted = Float64Array.from(times[k]);
    const [least, median] = [0.05, 0.5].map((p) => quantile(sorted, p));
    return [name, { median: round3(median), fifthPercentile: round3(least) }];
  }));
}

/** Steps of the one training loop, as the forecaster takes them. */
function ourStep(name: string, kernel: LstmKernel): Case {
  const sizes = {
    featureCount: FEATURES,
    windowLength: STEPS,
    horizon: 1,
    units: UNITS,
    denseUnits: DENSE,
  };
  const options = { dropout: DROPOUT, seed: 0, kernels: kernel };
  const model = buildLstmNetwork(sizes, options);
  return {
    name,
    async run() {
      const times: number[] = [];
      let last = performance.now();
      await trainNetwork(
        model,
        { size: BATCH * BATCHES_A_ROUND, batch: batchOf },
        {
          epochs: 1,
          batchSize: BATCH,
          stepper: kernelStepper,
          onProgress: () => {
            const now = performance.now();
            times.push(now - last);
            last = now;
          },
        },
      );
      return times;
    },
  };
}

function stockStep(name: string): Case {
  const lstm = { units: UNITS, recurrentActivation: "sigmoid" } as const;
  const model = tf.sequential({
    layers: [
      tf.layers.lstm({
        ...lstm,
        returnSequences: true,
        inputShape: [STEPS, FEATURES],
        recurrentInitializer: "glorotNormal",
      }),
      tf.layers.dropout({ rate: DROPOUT }),
      tf.layers.lstm({ ...lstm, recurrentInitializer: "glorotNormal" }),
      tf.layers.dropout({ rate: DROPOUT }),
      tf.layers.dense({ units: DENSE, activation: "relu" }),
      tf.layers.dense({ units: 1 }),
    ],
  });
  const optimizer = tf.train.adam();
  const step = () =>
    tf.tidy(() => {
      const { inputs, targets } = batchOf();
      const loss = optimizer.minimize(() => {
        const outputs = model.apply(inputs, { training: true }) as Tensor;
        return tf.mean(tf.square(tf.sub(outputs, targets))).asScalar();
      }, true);
      loss?.dataSync();
    });
  return { name, run: () => timed(step, SLOW_RUNS_A_ROUND) };
}

/** Forwards and back through one layer, ours and the stock one. */
function layerCases(
  name: string,
  batch: number,
  steps: number,
  units: number,
): Case[] {
  const candidates = {
    "threads 1": kernels[0],
    "threads 2": kernels[1],
    stock: null,
  };
  return Object.entries(candidates).map(([candidate, kernel]) => {
    const layer = new FusedLstm({
      units,
      kernels: kernel,
      recurrentActivation: "sigmoid",
      recurrentInitializer: "glorotNormal",
      inputShape: [steps, FEATURES],
    });
    const model = tf.sequential({ layers: [layer] });
    const inputs = sequences(batch, steps);
    const pass = () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() =>
          tf.mean(model.apply(inputs, { training: true }) as Tensor).asScalar()
        );
        value.dataSync();
        Object.values(grads).forEach((gradient) => gradient.dataSync());
      });
    const run = () => timed(pass, kernel ? 5 : 1);
    return { name: `${name}, ${candidate}`, run };
  });
}

function oneWindow(name: string, kernel: LstmKernel): Case {
  const model: LayersModel = buildLstmNetwork({
    featureCount: FEATURES,
    windowLength: STEPS,
    horizon: 1,
    units: 64,
    denseUnits: DENSE,
  }, { dropout: DROPOUT, seed: 0, kernels: kernel });
  const forecast = () =>
    predictInChunks(model, 1, {
      inputs: () => sequences(1, STEPS),
      chunkSize: 1,
    });
  return { name, run: () => timed(forecast, 100) };
}

function timed(run: () => unknown, count: number): number[] {
  return Array.from({ length: count }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
}

function batchOf(): { inputs: Tensor; targets: Tensor } {
  return {
    inputs: sequences(BATCH, STEPS),
    targets: tf.tensor2d(randoms(BATCH), [BATCH, 1]),
  };
}

function sequences(batch: number, steps: number): Tensor {
  const values = randoms(batch * steps * FEATURES);
  return tf.tensor3d(values, [batch, steps, FEATURES]);
}

function randoms(size: number): Float32Array {
  const random = new Random(1);
  return Float32Array.from({ length: size }, () => random.uniform());
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
