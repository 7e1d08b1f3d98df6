import assert from "node:assert/strict";
import { damages, forEachField } from "./json_damage.ts";
import { ForecastModel } from "lib/forecast_model.ts";
import type { MetricSeries } from "lib/logs/request_log.ts";
import { Random } from "lib/numeric/random.ts";
import { tf } from "lib/numeric/tensors.ts";
import { fitForecastModel } from "lib/prediction.ts";

const HOUR = 3_600_000;
const random = new Random(3);
const value = Float64Array.from(
  { length: 240 },
  (_, i) => 100 + 30 * Math.sin(2 * Math.PI * i / 24) + random.normal(),
);
const series: MetricSeries = {
  timestampMs: value.map((_, i) => i * HOUR),
  value,
  observed: new Uint8Array(240).fill(1),
  stepMs: HOUR,
};

/** The text of a model file, and what the model forecasts. */
async function fitted(method: "lstm" | "exponential_smoothing") {
  const { model } = await fitForecastModel(series, {
    method,
    horizon: 2,
    ...(method === "lstm" ? { rate: series } : {}),
    subject: { metric: "p95", endpoint: "/a" },
    limits: [0, Infinity],
  });
  const rate = method === "lstm" ? series : undefined;
  const { values } = model.next(series, { rate });
  const text = JSON.stringify(model);
  model.dispose();
  return { text, values, rate };
}

Deno.test("ForecastModel gives equal forecasts once it is loaded", async () => {
  const before = tf.memory().numTensors;
  for (const method of ["lstm", "exponential_smoothing"] as const) {
    const { text, values, rate } = await fitted(method);
    const model = ForecastModel.fromJSON(JSON.parse(text));
    assert.equal(model.method, method);
    assert.deepEqual(model.subject, { metric: "p95", endpoint: "/a" });
    assert.deepEqual(model.next(series, { rate }).values, values);
    assert.equal(JSON.stringify(model), text);
    model.dispose();
  }
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("ForecastModel refuses other steps and histories too short", async () => {
  const { text } = await fitted("exponential_smoothing");
  const model = ForecastModel.fromJSON(JSON.parse(text));
  assert.throws(
    () => model.next({ ...series, stepMs: 60_000 }),
    { name: "RangeError", message: /the step in ms is 60000/ },
  );
  const short = {
    timestampMs: series.timestampMs.slice(0, 9),
    value: series.value.slice(0, 9),
    observed: series.observed.slice(0, 9),
    stepMs: HOUR,
  };
  assert.throws(() => model.next(short), RangeError);
});

Deno.test("ForecastModel.fromJSON() refuses every damaged field and leaves no tensor", async () => {
  const { text } = await fitted("lstm");
  const before = tf.memory().numTensors;
  await forEachField(text, (path, found, copyWith) => {
    for (const damage of damages(found)) {
      // None is a value where there need be none; a text may be any.
      if (
        damage === null &&
        /^(subject|subject.endpoint|limits.[01])$/.test(path.join("."))
      ) continue;
      if (
        typeof damage === "string" && path[0] === "subject" && path.length === 2
      ) continue;
      if (damage === 3 && path[0] === "limits") continue;
      assert.throws(
        () => ForecastModel.fromJSON(copyWith(damage)),
        { name: "SyntaxError", message: /^Cannot load model: / },
        `${path.join(".")}: ${String(damage)}`,
      );
    }
    return Promise.resolve();
  });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("ForecastModel.fromJSON() refuses files that would exhaust memory or the stack", async () => {
  const { text } = await fitted("exponential_smoothing");
  const json = JSON.parse(text);
  const huge = structuredClone(json);
  huge.model = { kind: "rolling_median", window: 1e6, horizon: 1e6 };
  assert.throws(() => ForecastModel.fromJSON(huge), {
    name: "SyntaxError",
    message: /model wants .* numbers/,
  });
  let nested: unknown = json.model;
  for (let depth = 0; depth < 1000; depth++) {
    nested = { ...json.model, base: nested };
  }
  assert.throws(() => ForecastModel.fromJSON({ ...json, model: nested }), {
    name: "SyntaxError",
    message: /nested more than/,
  });
});
