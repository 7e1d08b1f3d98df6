import assert from "node:assert/strict";
import golden from "../golden/autoencoder_adam.json" with { type: "json" };
import { readWeights, writeWeightsInPlace } from "lib/numeric/networks.ts";
import { type LayersModel, type Tensor, tf } from "lib/numeric/tensors.ts";
import {
  type TrainingData,
  type TrainingOptions,
  type TrainingProgress,
  trainNetwork,
} from "lib/numeric/training.ts";

/** `output = w * input`, starting at a given w. */
function slopeModel(weight = 0): LayersModel {
  const layer = tf.layers.dense({
    units: 1,
    inputShape: [1],
    useBias: false,
    kernelInitializer: "zeros",
  });
  const model = tf.sequential({ layers: [layer] });
  writeWeightsInPlace(model, [Float32Array.of(weight)]);
  return model;
}

function pairs(inputs: number[], targets: number[]): TrainingData {
  const column = (values: number[], rows: Uint32Array): Tensor =>
    tf.tensor2d([...rows].map((row) => values[row]), [rows.length, 1]);
  return {
    size: inputs.length,
    batch: (rows) => ({
      inputs: column(inputs, rows),
      targets: column(targets, rows),
    }),
  };
}

const slopeOf = (model: LayersModel) => readWeights(model)[0][0];
const GRID = [-1, -0.5, 0.5, 1];
const IDENTITY = pairs(GRID, GRID);

/** Runs something with a model and asserts that no tensor outlives it. */
async function withModel(
  model: LayersModel,
  run: (model: LayersModel) => Promise<void>,
): Promise<void> {
  const before = tf.memory().numTensors;
  await run(model);
  assert.equal(tf.memory().numTensors, before, "tensors were left behind");
  model.dispose();
}

Deno.test("trainNetwork() follows PyTorch's Adam over five steps", async () => {
  const { cols, hiddenUnits, rows } = golden;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: hiddenUnits,
        inputShape: [cols],
        activation: "relu",
      }),
      tf.layers.dense({ units: cols, activation: "sigmoid" }),
    ],
  });
  writeWeightsInPlace(
    model,
    golden.weightsBefore.map((w) => Float32Array.from(w)),
  );
  const data: TrainingData = {
    size: rows,
    batch(indices) {
      const inputs = tf.gather(
        tf.tensor2d(golden.data, [rows, cols]),
        tf.tensor1d([...indices], "int32"),
      );
      return { inputs, targets: inputs };
    },
  };
  await withModel(model, async () => {
    const history = await trainNetwork(model, data, {
      epochs: golden.losses.length,
      batchSize: rows,
      learningRate: golden.learningRate,
    });
    assertNear(history.trainingLoss, golden.losses, golden.tolerance);
    assert.equal(history.bestEpoch, 5);
    readWeights(model).forEach((weight, k) =>
      assertNear([...weight], golden.weightsAfter[k], golden.tolerance)
    );
  });
});

Deno.test("trainNetwork() moves a weight by the learning rate in Adam's first step", async () => {
  // m / (sqrt(v) + epsilon) with bias correction is the sign of the gradient,
  // up to 1 - 0.999, which 32-bit floats hold to 5e-5 only.
  await withModel(slopeModel(), async (model) => {
    await trainNetwork(model, IDENTITY, { epochs: 1, learningRate: 0.25 });
    assert.ok(Math.abs(slopeOf(model) - 0.25) < 1e-5);
  });
});

Deno.test("trainNetwork() reports the loss before each step as the training loss", async () => {
  // w = 0, one batch: mean of x² = (1 + 0.25 + 0.25 + 1) / 4 = 0.625.
  await withModel(slopeModel(), async (model) => {
    const history = await trainNetwork(model, IDENTITY, { epochs: 1 });
    assert.deepEqual(history.trainingLoss, [0.625]);
    assert.deepEqual(history.validationLoss, []);
  });
});

Deno.test("trainNetwork() finds the mean with the squared loss, the median with the absolute", async () => {
  const skewed = pairs([1, 1, 1, 1, 1], [1, 1, 1, 2, 10]); // mean 3, median 1
  const options = { epochs: 250, learningRate: 0.05, patience: 250 };
  await withModel(slopeModel(), async (model) => {
    await trainNetwork(model, skewed, options);
    assert.ok(Math.abs(slopeOf(model) - 3) < 0.05, `${slopeOf(model)}`);
  });
  await withModel(slopeModel(), async (model) => {
    await trainNetwork(model, skewed, {
      ...options,
      loss: "meanAbsoluteError",
    });
    assert.ok(Math.abs(slopeOf(model) - 1) < 0.1, `${slopeOf(model)}`);
  });
});

Deno.test("trainNetwork() stops after the patience and restores the best weights", async () => {
  // Training pulls the slope from 0 to 1, validation is best at 0.3.
  const validation = pairs(GRID, GRID.map((x) => 0.3 * x));
  await withModel(slopeModel(), async (model) => {
    const history = await trainNetwork(model, IDENTITY, {
      validation,
      epochs: 60,
      learningRate: 0.05,
      patience: 4,
    });
    const { validationLoss, bestEpoch, stoppedEarly } = history;
    const least = Math.min(...validationLoss);
    assert.ok(stoppedEarly);
    assert.equal(validationLoss[bestEpoch - 1], least);
    assert.equal(validationLoss.length, bestEpoch + 4);
    assert.ok(validationLoss[bestEpoch] > least);
    // (w - 0.3)² * mean of x², with w restored.
    const restored = (slopeOf(model) - 0.3) ** 2 * 0.625;
    assert.ok(Math.abs(restored - least) < 1e-7);
  });
});

Deno.test("trainNetwork() halves the learning rate on a plateau", async () => {
  // Inputs of 0 leave the loss at 1 for ever: only epoch 1 improves.
  await withModel(slopeModel(), async (model) => {
    const { learningRate, stoppedEarly } = await trainNetwork(
      model,
      pairs([0, 0], [1, 1]),
      { epochs: 9, patience: 20, learningRate: 0.008, plateau: {} },
    );
    assert.deepEqual(learningRate, [
      ...[0.008, 0.008, 0.008, 0.008],
      ...[0.004, 0.004, 0.004, 0.002, 0.002],
    ]);
    assert.equal(stoppedEarly, false);
  });
});

Deno.test("trainNetwork() applies the learning rate that the plateau sets", async () => {
  // Training pulls the slope down to -1 while validation wants 5: it worsens
  // from epoch 2 on, and the rate falls to 1e-4 after that epoch.
  const slopes: number[] = [];
  await withModel(slopeModel(), async (model) => {
    await trainNetwork(model, pairs([1], [-1]), {
      epochs: 5,
      patience: 9,
      learningRate: 0.1,
      validation: pairs([1], [5]),
      plateau: { factor: 0.001, patience: 1, minimum: 0 },
      onProgress: () => slopes.push(slopeOf(model)),
    });
  });
  assertNear(slopes.slice(0, 2), [-0.1, -0.2], 1e-3);
  assertNear(slopes.slice(2), [-0.2, -0.2, -0.2], 1e-3);
});

Deno.test("trainNetwork() shows each sample once an epoch, in an order that the seed fixes", async () => {
  const ordersUnder = async (seed: number) => {
    const orders: number[][] = [];
    const data: TrainingData = {
      ...pairs([...Array(10).keys()], Array(10).fill(0)),
    };
    const { batch } = data;
    data.batch = (rows) => {
      orders.push([...rows]);
      return batch(rows);
    };
    await withModel(slopeModel(), async (model) => {
      await trainNetwork(model, data, { epochs: 2, batchSize: 4, seed });
    });
    return orders;
  };
  const orders = await ordersUnder(1);
  assert.deepEqual(orders.map((rows) => rows.length), [4, 4, 2, 4, 4, 2]);
  const epochs = [orders.slice(0, 3).flat(), orders.slice(3).flat()];
  for (const epoch of epochs) {
    assert.deepEqual(epoch.toSorted((a, b) => a - b), [...Array(10).keys()]);
  }
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.deepEqual(await ordersUnder(1), orders);
  assert.notDeepEqual(await ordersUnder(2), orders);
});

Deno.test("trainNetwork() reports progress after each batch", async () => {
  const seen: TrainingProgress[] = [];
  await withModel(slopeModel(), async (model) => {
    await trainNetwork(model, IDENTITY, {
      validation: IDENTITY,
      epochs: 2,
      batchSize: 3,
      onProgress: (progress) => seen.push(progress),
    });
  });
  assert.deepEqual(
    seen.map(({ epoch, epochs, batch, batches }) => [
      epoch,
      epochs,
      batch,
      batches,
    ]),
    [[1, 2, 1, 2], [1, 2, 2, 2], [2, 2, 1, 2], [2, 2, 2, 2]],
  );
  assert.ok(seen.every((progress) => progress.secondsLeft >= 0));
  assert.equal(seen[3].secondsLeft, 0);
  assert.ok(!("validationLoss" in seen[1]));
  assert.ok(Number.isFinite(seen[2].validationLoss));
});

Deno.test("trainNetwork() throws the signal's reason, with the best weights and no tensors left", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const slopes: number[] = [];
  await withModel(slopeModel(), async (model) => {
    await assert.rejects(
      trainNetwork(model, IDENTITY, {
        epochs: 10,
        learningRate: 0.1,
        signal: controller.signal,
        onProgress({ epoch }) {
          slopes.push(slopeOf(model));
          if (epoch === 3) controller.abort(reason);
        },
      }),
      (error) => error === reason,
    );
    // The third epoch had changed the weight but was not finished.
    assert.equal(slopes.length, 3);
    assert.equal(slopeOf(model), slopes[1]);
  });
});

Deno.test("trainNetwork() does nothing under a signal aborted before", async () => {
  await withModel(slopeModel(0.5), async (model) => {
    await assert.rejects(
      trainNetwork(model, IDENTITY, { signal: AbortSignal.abort("no") }),
      (error) => error === "no",
    );
    assert.equal(slopeOf(model), 0.5);
  });
});

Deno.test("trainNetwork() passes on an error of onProgress and cleans up", async () => {
  await withModel(slopeModel(), async (model) => {
    await assert.rejects(
      trainNetwork(model, IDENTITY, {
        onProgress() {
          throw new TypeError("broken display");
        },
      }),
      TypeError,
    );
  });
});

Deno.test("trainNetwork() lets the event loop run between slow batches", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const { size, batch } = IDENTITY;
  const slow: TrainingData = {
    size,
    batch(rows) {
      const end = performance.now() + 30;
      while (performance.now() < end);
      return batch(rows);
    },
  };
  await withModel(slopeModel(), async (model) => {
    await trainNetwork(model, slow, { epochs: 1, batchSize: 1 });
  });
  clearInterval(timer);
  assert.ok(turns >= 1);
});

Deno.test("trainNetwork() throws when the loss ceases to be finite", async () => {
  await withModel(slopeModel(), async (model) => {
    await assert.rejects(
      trainNetwork(model, pairs([1e30], [-1e30]), { epochs: 2 }),
      { name: "RangeError", message: /the loss is Infinity in epoch 1/ },
    );
  });
});

Deno.test("trainNetwork() rejects empty data and options out of range", async () => {
  const nothing = pairs([], []);
  const bad: TrainingOptions[] = [
    { epochs: 0 },
    { batchSize: 0 },
    { batchSize: 1.5 },
    { patience: 0 },
    { learningRate: 0 },
    { learningRate: NaN },
    { seed: -1 },
    { validation: nothing },
    { plateau: { factor: 2 } },
  ];
  await withModel(slopeModel(), async (model) => {
    await assert.rejects(trainNetwork(model, nothing), RangeError);
    for (const options of bad) {
      await assert.rejects(trainNetwork(model, IDENTITY, options), RangeError);
    }
  });
});

function assertNear(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) =>
    assert.ok(
      Math.abs(value - expected[i]) <= tolerance,
      `[${i}] is ${value}, expected ${expected[i]}`,
    )
  );
}
