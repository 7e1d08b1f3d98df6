/**
 * Times the LSTM with the project's kernels or with stock layers: TASK WHO
 * THREADS. Data are the same in each run, so that nothing but the work counts.
 *
 * @module
 */

import { kernelStepper } from "../../../lib/forecast/kernel_stepper.ts";
import { FusedLstm } from "../../../lib/forecast/lstm_layer.ts";
import { buildLstmNetwork } from "../../../lib/forecast/lstm_network.ts";
import {
  compileKernels,
  supportedBuilds,
} from "../../../lib/kernels/kernels.ts";
import { LstmKernel } from "../../../lib/kernels/lstm_kernel.ts";
import { predictInChunks } from "../../../lib/numeric/networks.ts";
import { Random } from "../../../lib/numeric/random.ts";
import { median } from "../../../lib/numeric/statistics.ts";
import {
  type LayersModel,
  type Tensor,
  tf,
} from "../../../lib/numeric/tensors.ts";
import { trainNetwork } from "../../../lib/numeric/training.ts";
import { printSample } from "./sample.ts";

type Kernels = LstmKernel | null;
/** Times of all runs in ms after the first ones, and the number of weights. */
type Timed = { times: number[]; weights: number };

const BATCH = 32, STEPS = 50, FEATURES = 5, DENSE = 25, DROPOUT = 0.2;
const WARM_UP = 0.1;

const TASKS: Record<string, (kernels: Kernels) => Timed | Promise<Timed>> = {
  step: trainingStep,
  window: oneWindow,
  long: (kernels) => layerPass(kernels, { batch: 8, steps: 1000, units: 64 }),
  wide: (kernels) => layerPass(kernels, { batch: 32, steps: 50, units: 256 }),
};

const [task, who, threads] = Deno.args;
const isStock = who === "TensorFlow.js";
const kernels = isStock
  ? null
  : new LstmKernel(await compileKernels(supportedBuilds()[0]), {
    threads: Number(threads),
  });
const { times, weights } = await TASKS[task](kernels);
printSample(median(Float64Array.from(times)) / 1000, {
  check: weights,
  ...(isStock
    ? { version: `TensorFlow.js ${tf.version_core} (${tf.getBackend()})` }
    : {}),
});

/** Steps of the one training loop, as the forecaster takes them. */
async function trainingStep(kernels: Kernels): Promise<Timed> {
  const model = network(kernels, 50);
  const inputs = sequences(BATCH, STEPS);
  const targets = tf.tensor2d(randoms(BATCH), [BATCH, 1]);
  const times: number[] = [];
  let last = performance.now();
  await trainNetwork(model, {
    size: BATCH * (kernels ? 200 : 5),
    batch: () => ({ inputs: inputs.clone(), targets: targets.clone() }),
  }, {
    epochs: 1,
    batchSize: BATCH,
    ...(kernels ? { stepper: kernelStepper } : {}),
    onProgress: () => {
      const now = performance.now();
      times.push(now - last);
      last = now;
    },
  });
  return { times: afterWarmUp(times), weights: model.countParams() };
}

function oneWindow(kernels: Kernels): Timed {
  const model = network(kernels, 64);
  const window = sequences(1, STEPS);
  const times = timed(kernels ? 500 : 20, () =>
    predictInChunks(model, 1, {
      inputs: () => window.clone(),
      chunkSize: 1,
    }));
  return { times, weights: model.countParams() };
}

/** Forwards and back through one layer that gives its last output. */
function layerPass(
  kernels: Kernels,
  { batch, steps, units }: { batch: number; steps: number; units: number },
): Timed {
  const layer = new FusedLstm({
    units,
    kernels,
    recurrentActivation: "sigmoid",
    recurrentInitializer: "glorotNormal",
    inputShape: [steps, FEATURES],
  });
  const model = tf.sequential({ layers: [layer] });
  const inputs = sequences(batch, steps);
  const times = timed(kernels ? 20 : 2, () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() =>
        tf.mean(model.apply(inputs, { training: true }) as Tensor).asScalar()
      );
      value.dataSync();
      Object.values(grads).forEach((gradient) => gradient.dataSync());
    }));
  return { times, weights: model.countParams() };
}

function network(kernels: Kernels, units: number): LayersModel {
  return buildLstmNetwork({
    featureCount: FEATURES,
    windowLength: STEPS,
    horizon: 1,
    units,
    denseUnits: DENSE,
  }, { dropout: DROPOUT, seed: 0, kernels });
}

function timed(count: number, run: () => unknown): number[] {
  return afterWarmUp(Array.from({ length: count }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }));
}

function afterWarmUp(times: readonly number[]): number[] {
  return times.slice(Math.ceil(WARM_UP * times.length));
}

function sequences(batch: number, steps: number): Tensor {
  const values = randoms(batch * steps * FEATURES);
  return tf.tensor3d(values, [batch, steps, FEATURES]);
}

function randoms(size: number): Float32Array {
  const random = new Random(1);
  return Float32Array.from({ length: size }, () => random.uniform());
}
