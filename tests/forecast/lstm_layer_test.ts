import assert from "node:assert/strict";
import { FusedLstm, type FusedLstmOptions } from "lib/forecast/lstm_layer.ts";
import { compileKernels } from "lib/kernels/kernels.ts";
import { LstmKernel } from "lib/kernels/lstm_kernel.ts";
import { Random } from "lib/numeric/random.ts";
import {
  type Layer,
  type LayersModel,
  lstmBackendName,
  lstmKernel,
  type LstmLayerConfig,
  type Tensor,
  tf,
  type Variable,
} from "lib/numeric/tensors.ts";

const STEPS = 7, FEATURES = 3, BATCH = 5;

const OPTIONS: LstmLayerConfig = {
  units: 6,
  unitForgetBias: true,
  recurrentActivation: "sigmoid",
  inputShape: [STEPS, FEATURES],
  recurrentInitializer: "glorotNormal",
};

function modelOf(options: Partial<FusedLstmOptions> = {}): LayersModel {
  const layer = new FusedLstm({ ...OPTIONS, ...options });
  return tf.sequential({ layers: [layer, tf.layers.dense({ units: 1 })] });
}

function stockLayer(config: LstmLayerConfig): Layer {
  return tf.layers.lstm(config as Parameters<typeof tf.layers.lstm>[0]);
}

function stockModel(): LayersModel {
  const layers = [stockLayer(OPTIONS), tf.layers.dense({ units: 1 })];
  return tf.sequential({ layers });
}

function sequences(seed = 1): Tensor {
  const random = new Random(seed);
  const values = Float32Array.from(
    { length: BATCH * STEPS * FEATURES },
    () => random.normal(),
  );
  return tf.tensor3d(values, [BATCH, STEPS, FEATURES]);
}

function outputsOf(model: LayersModel, training = false): number[] {
  return tf.tidy(() => [
    ...(model.apply(sequences(), { training }) as Tensor).dataSync(),
  ]);
}

function gradientsOf(model: LayersModel, training = true): number[][] {
  return tf.tidy(() => {
    const loss = () =>
      tf.mean(tf.square(model.apply(sequences(), { training }) as Tensor))
        .asScalar();
    const { grads } = tf.variableGrads(loss);
    return model.trainableWeights.map((weight) => {
      const { name } = weight.read() as Variable;
      return [...grads[name].dataSync()];
    });
  });
}

function assertNear(actual: number[], expected: number[], tolerance = 1e-4) {
  assert.equal(actual.length, expected.length);
  const size = Math.max(...expected.map(Math.abs));
  actual.forEach((value, i) =>
    assert.ok(
      Math.abs(value - expected[i]) <= tolerance * size,
      `[${i}] is ${value}, expected ${expected[i]}`,
    )
  );
}

/** Trains by plain gradient descent, so that both layers take the same way. */
function descend(model: LayersModel, steps: number): void {
  const optimizer = tf.train.sgd(0.1);
  tf.tidy(() => {
    for (let step = 0; step < steps; step++) {
      optimizer.minimize(() =>
        tf.mean(
          tf.square(
            tf.sub(model.apply(sequences(), { training: true }) as Tensor, 1),
          ),
        ).asScalar()
      );
    }
  });
  optimizer.dispose();
}

Deno.test("FusedLstm trained here gives the same outputs when its weights go into tf.layers.lstm", () => {
  const [fused, stock] = [modelOf(), stockModel()];
  descend(fused, 3);
  tf.tidy(() => stock.setWeights(fused.getWeights()));
  assertNear(outputsOf(stock), outputsOf(fused));
  [fused, stock].forEach((model) => model.dispose());
});

Deno.test("FusedLstm takes the weights of a trained tf.layers.lstm", () => {
  const [fused, stock] = [modelOf(), stockModel()];
  descend(stock, 3);
  tf.tidy(() => fused.setWeights(stock.getWeights()));
  assertNear(outputsOf(fused), outputsOf(stock));
  [fused, stock].forEach((model) => model.dispose());
});

Deno.test("FusedLstm has the names, shapes and starting values of tf.layers.lstm's weights", () => {
  const [fused, stock] = [modelOf(), stockModel()];
  const describe = (model: LayersModel) =>
    model.weights.slice(0, 3).map(({ name, shape }) => [
      name.replace(/^.*\//, "").replace(/_\d+$/, ""),
      shape,
    ]);
  assert.deepEqual(describe(fused), describe(stock));
  assert.deepEqual(describe(fused), [
    ["kernel", [3, 24]],
    ["recurrent_kernel", [6, 24]],
    ["bias", [24]],
  ]);
  // i f c o: the forget gate starts open.
  const gates = [0, 1, 0, 0].flatMap((value) => Array(6).fill(value));
  assert.deepEqual([...fused.getWeights()[2].dataSync()], gates);
  [fused, stock].forEach((model) => model.dispose());
});

Deno.test("FusedLstm has the gradients of tf.layers.lstm, in training or not", () => {
  const [fused, stock] = [modelOf(), stockModel()];
  tf.tidy(() => stock.setWeights(fused.getWeights()));
  const expected = gradientsOf(stock);
  for (const training of [true, false]) {
    const found = gradientsOf(fused, training);
    found.forEach((gradient, k) => assertNear(gradient, expected[k]));
  }
  [fused, stock].forEach((model) => model.dispose());
});

Deno.test("FusedLstm gives right gradients when they are asked for out of order or not at all", () => {
  const [model, other] = [modelOf(), modelOf()];
  const expected = gradientsOf(model);
  // Forward calls whose gradients nobody wants leave their states behind.
  for (let k = 0; k < 3; k++) outputsOf(other, true);
  assert.deepEqual(gradientsOf(model), expected);
  // The same layer twice in one loss: states of both calls at once.
  const twice = tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      const first = model.apply(sequences(), { training: true }) as Tensor;
      const second = model.apply(sequences(), { training: true }) as Tensor;
      return tf.mean(tf.add(tf.square(first), tf.square(second))).asScalar();
    });
    return Object.values(grads).map((gradient) => [...gradient.dataSync()]);
  });
  const doubled = expected.map((gradient) => gradient.map((g) => 2 * g));
  for (const gradient of twice) {
    const match = doubled.find((d) =>
      d.length === gradient.length &&
      Math.abs(d[0] - gradient[0]) <= 1e-4 * Math.max(...d.map(Math.abs))
    );
    assert.ok(match);
    assertNear(gradient, match);
  }
  [model, other].forEach((m) => m.dispose());
});

Deno.test("FusedLstm is saved and loaded as any layer, and as the stock one under its name", async () => {
  const model = modelOf({ returnSequences: true });
  const json = model.toJSON(null, false) as { config: unknown };
  const text = JSON.stringify(json);
  assert.ok(text.includes('"class_name":"FusedLstm"'));
  for (
    const topology of [text, text.replaceAll('"FusedLstm"', '"LSTM"')]
  ) {
    const loaded = await tf.models.modelFromJSON(JSON.parse(topology));
    tf.tidy(() => loaded.setWeights(model.getWeights()));
    assertNear(outputsOf(loaded), outputsOf(model));
    assert.equal(loaded.layers[0] instanceof FusedLstm, topology === text);
    loaded.dispose();
  }
  model.dispose();
});

Deno.test("FusedLstm falls back to plain SIMD and to the stock layer with equal outputs", async () => {
  const simd = new LstmKernel(await compileKernels("simd"));
  const fused = modelOf();
  const expected = { outputs: outputsOf(fused), grads: gradientsOf(fused) };
  for (const kernels of [simd, null]) {
    const model = modelOf({ kernels });
    tf.tidy(() => model.setWeights(fused.getWeights()));
    assertNear(outputsOf(model), expected.outputs);
    gradientsOf(model).forEach((gradient, k) =>
      assertNear(gradient, expected.grads[k])
    );
    model.dispose();
  }
  fused.dispose();
});

Deno.test("FusedLstm leaves to the stock layer what the kernels do not do", () => {
  const others: Partial<LstmLayerConfig>[] = [
    { activation: "relu" },
    { recurrentActivation: "hardSigmoid" },
    { useBias: false },
    { goBackwards: true },
  ];
  for (const options of others) {
    const config = { ...OPTIONS, ...options };
    const fused = tf.sequential({ layers: [new FusedLstm(config)] });
    const stock = tf.sequential({ layers: [stockLayer(config)] });
    tf.tidy(() => stock.setWeights(fused.getWeights()));
    assert.deepEqual(outputsOf(fused), outputsOf(stock));
    [fused, stock].forEach((model) => model.dispose());
  }
});

Deno.test("FusedLstm leaves no tensor behind, and kernel memory stays as it was", () => {
  const model = modelOf();
  gradientsOf(model);
  const before = tf.memory().numTensors;
  const bytes = lstmKernel!.bytes;
  for (let k = 0; k < 20; k++) {
    outputsOf(model);
    gradientsOf(model);
  }
  assert.equal(tf.memory().numTensors, before);
  assert.equal(lstmKernel!.bytes, bytes);
  model.dispose();
});

Deno.test("lstmBackendName() is the fastest build under Deno", () => {
  assert.equal(lstmBackendName(), "relaxed-simd");
});
