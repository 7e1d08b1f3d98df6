import assert from "node:assert/strict";
import {
  backtest,
  type BacktestModel,
  type BacktestSource,
  seriesSource,
} from "lib/evaluate/backtest.ts";
import {
  baselineModels,
  BASELINES,
  usualSeason,
} from "lib/evaluate/baseline_models.ts";
import {
  constantForecaster,
  lastValueForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import type { Forecaster, ForecastInput } from "lib/forecast/forecaster.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

const LAST: BacktestModel = {
  name: "last",
  fit: () => lastValueForecaster({ horizon: 2 }),
};
const POINT = { horizon: 2, quantiles: [0.5], reference: "last" };

function sourceOf(target: Float64Array): BacktestSource {
  return {
    target,
    inputAt: () => ({ features: matrixFromColumns([target]), target }),
  };
}

/** A forecaster that gives fixed quantiles. */
function fixed(quantiles: number[], values: number[]): Forecaster {
  const horizon = values.length / quantiles.length;
  return {
    kind: "fixed",
    historyLength: 1,
    horizon,
    quantiles,
    forecast: (_, origins) => ({
      quantiles,
      horizon,
      origins,
      values: Float64Array.from(
        { length: origins.length * values.length },
        (_, k) => values[k % values.length],
      ),
    }),
    toJSON: () => ({}),
  };
}

function noisyDays(rows: number, season: number, seed = 0): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(
    { length: rows },
    (_, i) => 50 + 20 * Math.sin(2 * Math.PI * i / season) + random.normal(),
  );
}

Deno.test("backtest() puts its cut-offs a horizon apart, the last before the end", async () => {
  const squares = Float64Array.from({ length: 10 }, (_, i) => i * i);
  const result = await backtest(sourceOf(squares), [LAST], {
    ...POINT,
    cutoffs: 2,
  });
  // Rows 6 and 7 from 25 (11, 24), rows 8 and 9 from 49 (15, 32).
  assert.deepEqual([...result.cutoffs], [6, 8]);
  assert.equal(result.judgedCount, 4);
  const [score] = result.scores;
  assert.equal(score.meanAbsoluteError, (11 + 24 + 15 + 32) / 4);
  assert.equal(
    score.rootMeanSquaredError,
    Math.sqrt((121 + 576 + 225 + 1024) / 4),
  );
  assert.equal(score.meanPinballLoss, 82 / 4 / 2);
  // 36 + 49 + 64 + 81 = 230.
  assert.ok(Math.abs(Number(score.weightedQuantileLoss) - 82 / 230) < 1e-15);
  // One step ahead on rows 0 to 5: 1, 3, 5, 7, 9.
  assert.equal(score.meanAbsoluteScaledError, 20.5 / 5);
  assert.equal(score.coverage, null);
  assert.equal(score.width, null);
  assert.equal(score.skill, 0);
});

Deno.test("backtest() gives coverage, width, crossings and skill by hand", async () => {
  const target = Float64Array.of(5, 5, 1, 2, 3, 4);
  const models: BacktestModel[] = [
    { name: "narrow", fit: () => fixed([0.1, 0.5, 0.9], [1, 2, 3]) },
    { name: "crossed", fit: () => fixed([0.1, 0.5, 0.9], [1, 0, 3]) },
  ];
  const { scores } = await backtest(sourceOf(target), models, {
    horizon: 1,
    cutoffs: 4,
    quantiles: [0.1, 0.5, 0.9],
    reference: "narrow",
  });
  const [narrow, crossed] = scores;
  assert.equal(narrow.coverage, 0.75);
  assert.equal(narrow.width, 2);
  assert.equal(narrow.crossings, 0);
  // 0.1: errors 0, 1, 2, 3. 0.5: -1, 0, 1, 2. 0.9: -2, -1, 0, 1.
  const [low, middle, high] = [0.6, 2, 0.2 + 0.1 + 0.9];
  assert.ok(
    Math.abs(narrow.meanPinballLoss - (low + middle + high) / 12) < 1e-15,
  );
  assert.equal(crossed.crossings, 4);
  // Median 0: errors 1, 2, 3, 4 instead, 5 for 2.
  const skill = 1 - (low + 5 + high) / (low + middle + high);
  assert.ok(Math.abs(Number(crossed.skill) - skill) < 1e-12);
});

Deno.test("backtest() shows a model the rows before its cut-off only", async () => {
  const seen: [number, number][] = [];
  const trained: number[] = [];
  const target = Float64Array.from({ length: 30 }, (_, i) => i);
  const spy: BacktestModel = {
    name: "spy",
    fit: (train) => {
      trained.push(train.target.length);
      const model = lastValueForecaster({ horizon: 2 });
      const forecast = (input: ForecastInput, origins: Uint32Array) => {
        seen.push([input.target.length, Math.max(...origins)]);
        assert.equal(input.target.buffer.byteLength, 8 * input.target.length);
        assert.equal(input.features.rows, input.target.length);
        return model.forecast(input, origins);
      };
      return { ...model, kind: "spy", forecast, toJSON: () => ({}) };
    },
  };
  const scaledFor: number[] = [];
  const source = {
    ...sourceOf(target),
    inputAt: (trainEnd: number) => {
      scaledFor.push(trainEnd);
      return sourceOf(target).inputAt(trainEnd);
    },
  };
  await backtest(source, [spy], { ...POINT, cutoffs: 5, retrain: 2 });
  // Cut-offs 20, 22, 24, 26, 28; fitted at 20, 24 and 28.
  assert.deepEqual(trained, [20, 24, 28]);
  assert.deepEqual(scaledFor, [20, 24, 28]);
  assert.deepEqual(seen, [[22, 21], [26, 25], [28, 27]]);
});

Deno.test("seriesSource() scales by training rows and names the filled-in ones", () => {
  const value = Float64Array.of(1, 3, 1000, 1000);
  const source = seriesSource({
    timestampMs: Float64Array.of(0, 1, 2, 3),
    value,
    observed: Uint8Array.of(1, 1, 1, 0),
    stepMs: 1,
  });
  const changed = seriesSource({
    timestampMs: Float64Array.of(0, 1, 2, 3),
    value: Float64Array.of(1, 3, -7, 8),
    observed: Uint8Array.of(1, 1, 1, 0),
    stepMs: 1,
  });
  assert.deepEqual(source.observed, Uint8Array.of(1, 1, 1, 0));
  const { features } = source.inputAt(2);
  const { cols, data } = changed.inputAt(2).features;
  assert.deepEqual(features.data.slice(0, 2 * cols), data.slice(0, 2 * cols));
});

Deno.test("backtest() does not judge rows that were filled in", async () => {
  const source = {
    ...sourceOf(Float64Array.of(1, 1, 1, 5, 5, 9)),
    observed: Uint8Array.of(1, 1, 1, 1, 0, 1),
  };
  const options = { ...POINT, horizon: 3, cutoffs: 1 };
  const model = {
    name: "last",
    fit: () => lastValueForecaster({ horizon: 3 }),
  };
  const { scores, judgedCount } = await backtest(source, [model], options);
  assert.equal(judgedCount, 2);
  assert.equal(scores[0].meanAbsoluteError, (4 + 8) / 2);
  const unseen = { ...source, observed: new Uint8Array(6) };
  await assert.rejects(backtest(unseen, [model], options), {
    name: "RangeError",
    message: /none of 3 values to be forecast was observed/,
  });
});

Deno.test("backtest() disposes of each model once, also where it fails", async () => {
  let fitted = 0;
  let disposed = 0;
  const target = Float64Array.from({ length: 20 }, (_, i) => i);
  const counted = (quantiles: number[]): BacktestModel => ({
    name: "counted",
    fit: () => {
      fitted++;
      const model = fixed(quantiles, [...quantiles, ...quantiles]);
      return Promise.resolve({ ...model, dispose: () => void disposed++ });
    },
  });
  await backtest(sourceOf(target), [counted([0.5])], { ...POINT, cutoffs: 3 });
  assert.equal(fitted, 3);
  assert.equal(disposed, 3);
  const wrong = backtest(sourceOf(target), [counted([0.4])], POINT);
  await assert.rejects(wrong, {
    name: "RangeError",
    message: /counted left out: .*wanted quantile 0.5/,
  });
  assert.equal(disposed, fitted);
});

Deno.test("backtest() leaves out a model that refuses, but not a defect", async () => {
  const target = Float64Array.from({ length: 20 }, (_, i) => i);
  const refusing: BacktestModel = {
    name: "season",
    fit: () => {
      throw new RangeError("Cannot fit: too few rows");
    },
  };
  const { scores, notes } = await backtest(
    sourceOf(target),
    [refusing, LAST],
    { ...POINT, reference: "season" },
  );
  assert.deepEqual(scores.map(({ name }) => name), ["last"]);
  assert.equal(scores[0].skill, null);
  assert.deepEqual(notes, ["season left out: Cannot fit: too few rows"]);
  const broken = { name: "broken", fit: () => [].at(0)! as Forecaster };
  await assert.rejects(backtest(sourceOf(target), [broken], POINT), TypeError);
});

Deno.test("backtest() never gives NaN for a constant, but null", async () => {
  for (const value of [7, 0]) {
    const constant = new Float64Array(200).fill(value);
    const { scores } = await backtest(
      sourceOf(constant),
      baselineModels({ season: 8, horizon: 4 }),
      { season: 8, horizon: 4 },
    );
    assert.equal(scores.length, BASELINES.length);
    for (const score of scores) {
      const { name, skill, weightedQuantileLoss, ...others } = score;
      assert.ok(score.meanAbsoluteError < 1e-9, name);
      assert.equal(score.meanAbsoluteScaledError, null);
      assert.equal(skill, null);
      assert.equal(weightedQuantileLoss === null, value === 0);
      for (const measure of Object.values(others)) {
        assert.ok(measure === null || !Number.isNaN(measure));
      }
    }
  }
});

Deno.test("backtest() cuts all forecasts to the limits", async () => {
  const target = Float64Array.of(1, 1, 1, 1, 0.5, 1);
  const model = { name: "last", fit: () => fixed([0.1, 0.5], [-4, 9]) };
  const { scores } = await backtest(sourceOf(target), [model], {
    horizon: 1,
    cutoffs: 2,
    quantiles: [0.1, 0.5],
    limits: [0, 1],
  });
  assert.equal(scores[0].meanAbsoluteError, 0.25);
  assert.equal(scores[0].width, 1);
});

Deno.test("backtest() finds exponential smoothing and the season where they pay", async () => {
  const target = noisyDays(600, 24);
  const { scores } = await backtest(
    sourceOf(target),
    baselineModels({ season: 24, horizon: 12 }),
    { season: 24, horizon: 12, retrain: 5 },
  );
  const byName = new Map(scores.map((score) => [score.name, score]));
  const skillOf = (name: typeof BASELINES[number]) =>
    Number(byName.get(name)?.skill);
  assert.equal(skillOf("seasonal_naive"), 0);
  assert.ok(skillOf("exponential_smoothing") > 0.1);
  for (const name of ["last_value", "rolling_median", "constant"] as const) {
    assert.ok(skillOf(name) < -1, name);
  }
  for (const { crossings } of scores) assert.equal(crossings, 0);
});

Deno.test("backtest() takes the last 30 % of the rows, at most 20 cut-offs", async () => {
  const count = async (rows: number) => {
    const source = sourceOf(new Float64Array(rows));
    return (await backtest(source, [LAST], POINT)).cutoffs.length;
  };
  assert.equal(await count(40), 6);
  assert.equal(await count(1000), 20);
  assert.equal(await count(3), 1);
});

Deno.test("backtest() tells its progress and stops when aborted", async () => {
  const told: string[] = [];
  const controller = new AbortController();
  const target = new Float64Array(20);
  const run = backtest(sourceOf(target), [LAST, { ...LAST, name: "again" }], {
    ...POINT,
    cutoffs: 2,
    signal: controller.signal,
    onProgress: ({ name, fit, fits }) => {
      told.push(`${name} ${fit} of ${fits}`);
      if (fit === 3) controller.abort(new Error("enough"));
    },
  });
  await assert.rejects(run, { message: "enough" });
  assert.deepEqual(told, ["last 1 of 4", "last 2 of 4", "again 3 of 4"]);
});

Deno.test("backtest() says what it needs where rows are too few or options wrong", async () => {
  const source = sourceOf(new Float64Array(20));
  await assert.rejects(
    backtest(source, [LAST], { ...POINT, horizon: 30 }),
    {
      name: "RangeError",
      message:
        "Cannot backtest: 1 cut-offs, 30 rows apart, of 30 steps each need more than 30 rows, got 20",
    },
  );
  await assert.rejects(
    backtest(source, [LAST], { ...POINT, cutoffs: 10 }),
    { message: /10 cut-offs, 2 rows apart, .* more than 20 rows, got 20/ },
  );
  await assert.rejects(
    backtest(source, [LAST], { ...POINT, quantiles: [0.1, 0.9] }),
    { message: /expected 0.5 among them/ },
  );
  await assert.rejects(backtest(source, [], POINT), RangeError);
  for (const name of ["horizon", "cutoffs", "stride", "retrain", "season"]) {
    for (const bad of [0, 1.5, NaN]) {
      await assert.rejects(
        backtest(source, [LAST], { ...POINT, [name]: bad }),
        RangeError,
        `${name} ${bad}`,
      );
    }
  }
});

Deno.test("usualSeason() is a day, a week for steps of a day, else none", () => {
  assert.equal(usualSeason(300_000), 288);
  assert.equal(usualSeason(3_600_000), 24);
  assert.equal(usualSeason(86_400_000), 7);
  assert.equal(usualSeason(7 * 60_000), 1);
  assert.equal(usualSeason(2 * 86_400_000), 1);
});

Deno.test("backtest() of points agrees with reckoning by hand over origins", async () => {
  const target = noisyDays(120, 8, 3);
  const { scores, cutoffs } = await backtest(sourceOf(target), [
    {
      name: "naive",
      fit: () => seasonalNaiveForecaster(8, { horizon: 5 }),
    },
    {
      name: "constant",
      fit: (train) => constantForecaster(train.target, { horizon: 5 }),
    },
  ], { horizon: 5, stride: 3, quantiles: [0.5], cutoffs: 4 });
  let sum = 0;
  for (const cutoff of cutoffs) {
    for (let k = 0; k < 5; k++) {
      sum += Math.abs(target[cutoff + k] - target[cutoff + k - 8]);
    }
  }
  assert.ok(Math.abs(scores[0].meanAbsoluteError - sum / 20) < 1e-12);
});
