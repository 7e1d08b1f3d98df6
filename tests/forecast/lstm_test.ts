import assert from "node:assert/strict";
import golden from "../golden/lstm_forward.json" with { type: "json" };
import { meanAbsoluteError, skill } from "lib/evaluate/forecasts.ts";
import { lastValueForecaster } from "lib/forecast/baselines.ts";
import {
  actualColumn,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
} from "lib/forecast/forecaster.ts";
import { RequestInputs } from "lib/forecast/inputs.ts";
import { LstmForecaster } from "lib/forecast/lstm.ts";
import { lstmWeightShapes } from "lib/forecast/lstm_network.ts";
import { selectRequests } from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { tf } from "lib/numeric/tensors.ts";
import { encodeArray } from "lib/numeric/typed_array_json.ts";

const TINY = {
  windowLength: 6,
  units: 3,
  denseUnits: 2,
  epochs: 2,
  maximumWindows: 40,
};

/** A wave of period 12 around 500 with a little noise, and as its feature the
 * same scaled to about -1 to 1. */
function wave(rows: number, seed = 1): ForecastInput {
  const random = new Random(seed);
  const target = Float64Array.from(
    { length: rows },
    (_, i) => 500 + 100 * Math.sin(2 * Math.PI * i / 12) + 2 * random.normal(),
  );
  const scaled = target.map((value) => (value - 500) / 100);
  return { features: matrixFromColumns([scaled]), target };
}

function goldenJson(changes: { [field: string]: unknown } = {}) {
  const { featureCount, windowLength, horizon, units, denseUnits } = golden;
  const sizes = { featureCount, windowLength, horizon, units, denseUnits };
  const shapes = lstmWeightShapes(sizes);
  return {
    kind: "lstm",
    ...sizes,
    targetMean: 100,
    targetDeviation: 20,
    weights: golden.weights.map((values, k) => ({
      shape: shapes[k],
      values: encodeArray(Float32Array.from(values)),
    })),
    ...changes,
  };
}

/** Runs something and asserts that no tensor outlives it. */
async function withoutLeaks(run: () => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before, "tensors were left behind");
}

Deno.test("LstmForecaster forecasts in the target's unit, scaled back once", () => {
  // The golden windows one above the other: origins 5 and 11 end them.
  const { batch, windowLength, featureCount: cols } = golden;
  const rows = batch * windowLength;
  const model = LstmForecaster.fromJSON(goldenJson());
  const { values, horizon } = model.forecast({
    features: { data: Float64Array.from(golden.inputs), rows, cols },
    target: new Float64Array(rows),
  }, Uint32Array.of(5, 11));
  assert.equal(horizon, 2);
  values.forEach((value, i) => {
    const expected = 100 + 20 * golden.outputs[i];
    assert.ok(Math.abs(value - expected) < 1e-4, `${value}, ${expected}`);
  });
  model.dispose();
});

Deno.test("LstmForecaster.fit() learns a wave far better than the last value", async () => {
  await withoutLeaks(async () => {
    const model = await LstmForecaster.fit(wave(240), {
      windowLength: 8,
      horizon: 2,
      units: 8,
      denseUnits: 8,
      dropout: 0,
      epochs: 12,
      learningRate: 0.03,
      seed: 2,
    });
    const test = wave(120, 9);
    const origins = Uint32Array.from({ length: 100 }, (_, i) => 15 + i);
    const errorOf = (forecaster: Forecaster, step: number) =>
      meanAbsoluteError(
        actualColumn(test.target, origins, step),
        forecastColumn(forecaster.forecast(test, origins), { step }),
      );
    const naive = lastValueForecaster({ horizon: 2 });
    for (const step of [1, 2]) {
      const gain = skill(errorOf(model, step), errorOf(naive, step));
      assert.ok(gain > 0.6, `skill ${gain} at step ${step}`);
    }
    model.dispose();
  });
});

Deno.test("LstmForecaster.fit() restores the best epoch and halves the rate on plateaus", async () => {
  // Noise: validation soon ceases to improve.
  const random = new Random(4);
  const target = Float64Array.from({ length: 90 }, () => random.normal());
  const input = { features: matrixFromColumns([target]), target };
  const model = await LstmForecaster.fit(input, {
    ...TINY,
    maximumWindows: 1000,
    epochs: 30,
    learningRate: 0.03,
    patience: 7,
  });
  const { history } = model;
  assert.ok(history);
  const { validationLoss, learningRate, bestEpoch, stoppedEarly } = history;
  assert.equal(validationLoss[bestEpoch - 1], Math.min(...validationLoss));
  assert.ok(stoppedEarly);
  assert.equal(validationLoss.length, bestEpoch + 7);
  assert.deepEqual(learningRate.slice(bestEpoch), [
    learningRate[bestEpoch - 1],
    learningRate[bestEpoch - 1],
    learningRate[bestEpoch - 1],
    ...Array(3).fill(learningRate[bestEpoch - 1] / 2),
    learningRate[bestEpoch - 1] / 4,
  ]);

  // Validation is the last 18 rows, windows of 6: their squared error with
  // the restored weights, in units of the training rows' variance.
  const origins = Uint32Array.from({ length: 12 }, (_, i) => 77 + i);
  const forecast = forecastColumn(model.forecast(input, origins));
  const train = target.subarray(0, 72);
  const mean = train.reduce((sum, y) => sum + y, 0) / 72;
  const variance = train.reduce((sum, y) => sum + (y - mean) ** 2, 0) / 72;
  const loss = origins.reduce(
    (sum, origin, i) => sum + (target[origin + 1] - forecast[i]) ** 2,
    0,
  ) / 12 / variance;
  assert.ok(Math.abs(loss - Math.min(...validationLoss)) < 1e-4, `${loss}`);
  model.dispose();
});

Deno.test("LstmForecaster.fit() is fixed by its seed, leaves its input alone and draws no other chance", async () => {
  const input = wave(80);
  const copies = [input.features.data.slice(), input.target.slice()];
  const origins = Uint32Array.of(5, 40, 79);
  const valuesUnder = async (seed: number) => {
    const model = await LstmForecaster.fit(input, { ...TINY, seed });
    const { values } = model.forecast(input, origins);
    model.dispose();
    return values;
  };
  const { random } = Math;
  Math.random = () => {
    throw new Error("Math.random was called");
  };
  try {
    const expected = await valuesUnder(1);
    assert.deepEqual(await valuesUnder(1), expected);
    assert.notDeepEqual(await valuesUnder(2), expected);
    assert.deepEqual([input.features.data, input.target], copies);
  } finally {
    Math.random = random;
  }
});

Deno.test("LstmForecaster gives forecasts in the order of the origins, blind to the future", async () => {
  const input = wave(80);
  const model = await LstmForecaster.fit(input, { ...TINY, horizon: 3 });
  const origins = Uint32Array.of(60, 10, 30);
  const { values, quantiles } = model.forecast(input, origins);
  assert.deepEqual(quantiles, [0.5]);
  assert.equal(values.length, 9);
  const alone = model.forecast(input, Uint32Array.of(30));
  assertNear(values.subarray(6), alone.values);
  const changed = {
    features: {
      ...input.features,
      data: input.features.data.map((value, i) => i > 30 ? 9 : value),
    },
    target: input.target,
  };
  assertNear(
    model.forecast(changed, Uint32Array.of(30)).values,
    alone.values,
  );
  model.dispose();
});

Deno.test("LstmForecaster forecasts a constant target as that constant", async () => {
  const target = new Float64Array(60).fill(7);
  const input = { features: matrixFromColumns([target]), target };
  const model = await LstmForecaster.fit(input, {
    ...TINY,
    epochs: 40,
    learningRate: 0.05,
    dropout: 0,
  });
  const { values } = model.forecast(input, Uint32Array.of(59));
  assert.ok(Math.abs(values[0] - 7) < 0.3, `${values}`);
  model.dispose();
});

Deno.test("LstmForecaster forecasts the same after a round trip through JSON", async () => {
  await withoutLeaks(async () => {
    const input = wave(70);
    const model = await LstmForecaster.fit(input, { ...TINY, horizon: 2 });
    const loaded = LstmForecaster.fromJSON(JSON.parse(JSON.stringify(model)));
    const origins = Uint32Array.of(20, 69);
    assert.deepEqual(
      loaded.forecast(input, origins),
      model.forecast(input, origins),
    );
    assert.equal(loaded.historyLength, 6);
    assert.equal(loaded.history, undefined);
    model.dispose();
    loaded.dispose();
  });
});

Deno.test("LstmForecaster.fromJSON() rejects damaged models and leaves no tensor", async () => {
  await withoutLeaks(() => {
    const { weights } = goldenJson();
    const damaged: unknown[] = [
      null,
      goldenJson({ kind: "autoencoder" }),
      goldenJson({ units: 5 }),
      goldenJson({ units: 1e9 }),
      goldenJson({ horizon: "2" }),
      goldenJson({ windowLength: 0 }),
      goldenJson({ targetMean: null }),
      goldenJson({ targetDeviation: 0 }),
      goldenJson({ weights: weights.slice(1) }),
      goldenJson({ weights: weights.toReversed() }),
      goldenJson({ weights: {} }),
    ];
    for (const json of damaged) {
      assert.throws(() => LstmForecaster.fromJSON(json), SyntaxError);
    }
    return Promise.resolve();
  });
});

Deno.test("LstmForecaster.forecast() rejects short histories and other widths", () => {
  const model = LstmForecaster.fromJSON(goldenJson());
  const target = new Float64Array(8);
  const column = new Float64Array(8);
  const features = matrixFromColumns([column, column, column]);
  const at = (origin: number) =>
    model.forecast({ features, target }, Uint32Array.of(origin));
  assert.ok(at(5).values.every(Number.isFinite));
  assert.throws(() => at(4), {
    name: "RangeError",
    message: /origin 4 of 8 rows, expected 5 \(history of 6 rows\) to 7/,
  });
  assert.throws(() => at(8), RangeError);
  const narrow = { features: matrixFromColumns([column]), target };
  assert.throws(() => model.forecast(narrow, Uint32Array.of(5)), RangeError);
  assert.equal(
    model.forecast({ features, target }, new Uint32Array(0)).values.length,
    0,
  );
  model.dispose();
});

Deno.test("LstmForecaster.fit() rejects too few rows, saying the numbers", async () => {
  await withoutLeaks(async () => {
    // 0.2 of 60 rows are 12; windows of 12 with one target need 13.
    await assert.rejects(
      LstmForecaster.fit(wave(60), { ...TINY, windowLength: 12 }),
      {
        name: "RangeError",
        message:
          "Cannot fit LstmForecaster: 60 rows give 48 for training and 12 for validation, expected at least 13 (windowLength + horizon) of each",
      },
    );
    const model = await LstmForecaster.fit(wave(65), {
      ...TINY,
      windowLength: 12,
      epochs: 1,
    });
    model.dispose();
  });
});

Deno.test("LstmForecaster.fit() rejects options out of range", async () => {
  await withoutLeaks(async () => {
    const input = wave(60);
    for (
      const options of [
        { windowLength: 0 },
        { horizon: 0 },
        { units: 1.5 },
        { denseUnits: 0 },
        { dropout: 1 },
        { maximumWindows: 0 },
        { validationFraction: 0 },
        { epochs: 0 },
        { seed: -1 },
      ]
    ) {
      await assert.rejects(
        LstmForecaster.fit(input, { ...TINY, ...options }),
        RangeError,
      );
    }
  });
});

Deno.test("LstmForecaster.fit() stops when aborted and leaves no tensor", async () => {
  await withoutLeaks(async () => {
    const controller = new AbortController();
    await assert.rejects(
      LstmForecaster.fit(wave(80), {
        ...TINY,
        signal: controller.signal,
        onProgress: () => controller.abort("enough"),
      }),
      (error) => error === "enough",
    );
  });
});

Deno.test("LstmForecaster.fit() trains on at most the windows wanted", async () => {
  // 80 of 100 rows are for training: 74 windows of 6 with a target.
  const batchesOf = async (maximumWindows: number) => {
    let batches = 0;
    const model = await LstmForecaster.fit(wave(100), {
      ...TINY,
      epochs: 1,
      batchSize: 10,
      maximumWindows,
      onProgress: (progress) => batches = progress.batches,
    });
    model.dispose();
    return batches;
  };
  assert.equal(await batchesOf(30), 3);
  assert.equal(await batchesOf(1000), 8);
});

/** Noise that is known up to its distribution, normal with the given mean and
 * deviation. */
function noise(
  rows: number,
  options: { center: number; deviation: number; seed: number },
): ForecastInput {
  const random = new Random(options.seed);
  const scaled = Float64Array.from({ length: rows }, () => random.normal());
  return {
    features: matrixFromColumns([scaled]),
    target: scaled.map((z) => options.center + options.deviation * z),
  };
}

const QUANTILES = [0.1, 0.5, 0.9];

Deno.test("LstmForecaster learns the quantiles of noise, and they never cross", async () => {
  const options = { center: 100, deviation: 20 };
  const model = await LstmForecaster.fit(noise(1200, { ...options, seed: 1 }), {
    ...TINY,
    horizon: 2,
    quantiles: QUANTILES,
    epochs: 30,
    maximumWindows: 600,
    learningRate: 0.01,
    dropout: 0,
  });
  const test = noise(1000, { ...options, seed: 2 });
  const origins = Uint32Array.from({ length: 900 }, (_, i) => 50 + i);
  const forecast = model.forecast(test, origins);
  assert.deepEqual(forecast.quantiles, QUANTILES);
  assert.equal(forecast.values.length, 900 * 2 * 3);
  for (const step of [1, 2]) {
    const actual = actualColumn(test.target, origins, step);
    const columns = QUANTILES.map((quantile) =>
      forecastColumn(forecast, { step, quantile })
    );
    columns.forEach((column, j) => {
      const below = actual.filter((y, i) => y <= column[i]).length / 900;
      assert.ok(Math.abs(below - QUANTILES[j]) < 0.06, `${below} at ${j}`);
    });
    assert.ok(columns[0].every((low, i) => low <= columns[1][i]));
    assert.ok(columns[1].every((middle, i) => middle <= columns[2][i]));
  }
  model.dispose();
});

Deno.test("LstmForecaster with quantiles survives JSON, and old files mean 0.5", async () => {
  await withoutLeaks(async () => {
    const input = wave(80);
    const model = await LstmForecaster.fit(input, {
      ...TINY,
      horizon: 2,
      quantiles: QUANTILES,
    });
    const loaded = LstmForecaster.fromJSON(JSON.parse(JSON.stringify(model)));
    const origins = Uint32Array.of(20, 79);
    assert.deepEqual(
      loaded.forecast(input, origins),
      model.forecast(input, origins),
    );
    const old = LstmForecaster.fromJSON(goldenJson());
    assert.deepEqual(old.quantiles, [0.5]);
    for (const quantiles of [[], [0.9, 0.1], [0.5, 2], "0.5", [0.1, 0.5]]) {
      assert.throws(() => LstmForecaster.fromJSON(goldenJson({ quantiles })), {
        name: "SyntaxError",
        message: /quantiles|weights\[8\]/,
      });
    }
    for (const each of [model, loaded, old]) each.dispose();
  });
});

Deno.test("LstmForecaster.fit() wants the pinball loss for quantiles", async () => {
  const options = { ...TINY, quantiles: [0.1, 0.9] };
  await assert.rejects(
    LstmForecaster.fit(wave(60), { ...options, loss: "meanSquaredError" }),
    { name: "RangeError", message: /loss is meanSquaredError .* pinball/ },
  );
  await assert.rejects(
    LstmForecaster.fit(wave(60), { ...options, quantiles: [0.9, 0.1] }),
    RangeError,
  );
});

Deno.test("LstmForecaster gives quantiles of single requests too", async () => {
  const { log } = generateLog({ rows: 3000, days: 2, seed: 5 });
  const half = selectRequests(log, Array.from({ length: 2000 }, (_, i) => i));
  const inputs = RequestInputs.fit(half);
  const model = await LstmForecaster.fit(inputs.transform(half), {
    windowLength: 10,
    units: 8,
    quantiles: [0.1, 0.5, 0.9],
    maximumWindows: 800,
    epochs: 8,
    learningRate: 0.01,
  });
  const all = inputs.transform(log);
  const origins = Uint32Array.from({ length: 900 }, (_, i) => 2050 + i);
  const forecast = model.forecast(all, origins);
  const actual = actualColumn(all.target, origins, 1);
  const low = forecastColumn(forecast, { quantile: 0.1 });
  const high = forecastColumn(forecast, { quantile: 0.9 });
  const inside = actual.filter((y, i) => y >= low[i] && y <= high[i]).length;
  assert.ok(Math.abs(inside / 900 - 0.8) < 0.08, `${inside / 900}`);
  model.dispose();
});

/** A series whose best guess is the value before, times a scale of its own. */
function withReference(input: ForecastInput, factor: number): ForecastInput {
  const value = input.target.map((y) => (y - 500) / 100);
  const { length } = value;
  return {
    ...input,
    target: input.target.map((y) => factor * y),
    reference: {
      horizon: 1,
      value,
      center: value.slice(),
      spread: new Float64Array(length).fill(0.5),
      toUnit: (z) => factor * (500 + 100 * z),
    },
  };
}

Deno.test("LstmForecaster.fit() learns many series at once, each on its own scale", async () => {
  await withoutLeaks(async () => {
    const small = withReference(wave(240), 1e-3);
    const large = withReference(wave(240, 5), 1e3);
    const model = await LstmForecaster.fit([small, large], {
      windowLength: 8,
      units: 8,
      denseUnits: 8,
      quantiles: QUANTILES,
      dropout: 0,
      epochs: 15,
      learningRate: 0.02,
    });
    for (const factor of [1e-3, 1e3, 7]) {
      const test = withReference(wave(120, 9), factor);
      const origins = Uint32Array.from({ length: 100 }, (_, i) => 15 + i);
      const errorOf = (forecaster: Forecaster) =>
        meanAbsoluteError(
          actualColumn(test.target, origins, 1),
          forecastColumn(forecaster.forecast(test, origins)),
        );
      const gain = skill(errorOf(model), errorOf(lastValueForecaster()));
      assert.ok(gain > 0.5, `skill ${gain} at ${factor}`);
    }
    const short = withReference(wave(20), 1);
    await assert.rejects(
      LstmForecaster.fit([small, short], { windowLength: 8 }),
      RangeError,
    );
    await assert.rejects(
      LstmForecaster.fit([small], { windowLength: 8, horizon: 2 }),
      { message: /reference reaches 1 steps, expected at least 2/ },
    );
    await assert.rejects(LstmForecaster.fit([]), RangeError);
    model.dispose();
  });
});

Deno.test("LstmForecaster.fit() does not learn from steps that were not observed", async () => {
  // The target is 7 where observed and 1,000 where it was filled in.
  const observed = Uint8Array.from({ length: 120 }, (_, i) => i % 3 ? 1 : 0);
  const target = Float64Array.from(observed, (flag) => flag ? 7 : 1000);
  const zeros = new Float64Array(120);
  const input = {
    features: matrixFromColumns([zeros]),
    target,
    observed,
    reference: {
      horizon: 1,
      value: target,
      center: zeros,
      spread: zeros.map(() => 10),
      toUnit: (z: number) => z,
    },
  };
  const model = await LstmForecaster.fit(input, {
    ...TINY,
    quantiles: [0.9],
    epochs: 60,
    learningRate: 0.03,
    dropout: 0,
  });
  const { values } = model.forecast(input, Uint32Array.of(119));
  assert.ok(Math.abs(values[0] - 7) < 1, `${values}`);
  model.dispose();
});

Deno.test("LstmForecaster.fit() goes on from a model, and from the best one before an abort", async () => {
  await withoutLeaks(async () => {
    const input = wave(80);
    const origins = Uint32Array.of(20, 79);
    const controller = new AbortController();
    let saved = "";
    await assert.rejects(
      LstmForecaster.fit(input, {
        ...TINY,
        epochs: 9,
        quantiles: QUANTILES,
        signal: controller.signal,
        onBest: (model) => saved = JSON.stringify(model),
        onProgress: ({ epoch }) => epoch === 4 && controller.abort("enough"),
      }),
      (error) => error === "enough",
    );
    const from = LstmForecaster.fromJSON(JSON.parse(saved));
    // With a rate of almost 0 nothing changes from where it starts.
    const resumed = await LstmForecaster.fit(input, {
      ...TINY,
      epochs: 1,
      learningRate: 1e-30,
      quantiles: QUANTILES,
      from,
    });
    assert.deepEqual(
      resumed.forecast(input, origins),
      from.forecast(input, origins),
    );
    await assert.rejects(
      LstmForecaster.fit(input, { ...TINY, units: 4, from }),
      { name: "RangeError", message: /from has the sizes .*"units",3/ },
    );
    for (const model of [from, resumed]) model.dispose();
  });
});

function assertNear(actual: Float64Array, expected: Float64Array): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < 1e-3, `${value}, ${expected[i]}`)
  );
}
