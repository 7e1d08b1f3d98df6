import assert from "node:assert/strict";
import { damages, forEachField, MISSING } from "../json_damage.ts";
import { sliceSeries } from "lib/forecast/inputs.ts";
import { ReferencedInputs, seasonOf } from "lib/forecast/referenced_inputs.ts";
import type { MetricSeries } from "lib/logs/request_log.ts";
import { Random } from "lib/numeric/random.ts";

const HOUR = 3_600_000;

function hourly(value: Float64Array): MetricSeries {
  return {
    timestampMs: value.map((_, i) => i * HOUR),
    value,
    observed: new Uint8Array(value.length).fill(1),
    stepMs: HOUR,
  };
}

/** Ten days of a daily wave with noise. */
function days(seed = 1): MetricSeries {
  const random = new Random(seed);
  return hourly(
    Float64Array.from(
      { length: 240 },
      (_, i) => 50 + 20 * Math.sin(2 * Math.PI * i / 24) + random.normal(),
    ),
  );
}

Deno.test("ReferencedInputs looks at no row beyond each", () => {
  const series = days();
  const inputs = ReferencedInputs.fit(sliceSeries(series, 0, 150));
  const whole = inputs.transform(series);
  const changed = {
    ...series,
    value: series.value.map((y, i) => i > 180 ? 9e5 : y),
  };
  for (const other of [sliceSeries(series, 0, 181), changed]) {
    const part = inputs.transform(other);
    const rows = 181;
    const { names, horizon } = inputs;
    assert.deepEqual(
      part.features.data.slice(0, rows * names.length),
      whole.features.data.slice(0, rows * names.length),
    );
    for (const name of ["center", "spread"] as const) {
      assert.deepEqual(
        part.reference?.[name].slice(0, rows * horizon),
        whole.reference?.[name].slice(0, rows * horizon),
      );
    }
  }
});

Deno.test("ReferencedInputs gives the same features on any scale", () => {
  const series = days();
  const large = { ...series, value: series.value.map((y) => 1e6 * y) };
  const [a, b] = [series, large].map((each) =>
    ReferencedInputs.fit(each).transform(each).features.data
  );
  a.forEach((value, k) => assert.ok(Math.abs(value - b[k]) < 1e-6));
});

Deno.test("ReferencedInputs names a column for each feature and keeps the target", () => {
  const series = {
    ...days(),
    observed: Uint8Array.from({ length: 240 }, (_, i) => i % 5 ? 1 : 0),
  };
  const inputs = ReferencedInputs.fit(series, { horizon: 3, rate: days(2) });
  const { features, target, observed } = inputs.transform(series, {
    rate: days(2),
  });
  assert.equal(features.cols, inputs.names.length);
  assert.equal(inputs.names.at(-1), "log request rate");
  assert.deepEqual(target, series.value);
  assert.deepEqual(observed, series.observed);
  const column = inputs.names.indexOf("observed");
  assert.equal(features.data[5 * features.cols + column], 0);
  assert.equal(features.data[6 * features.cols + column], 1);
});

Deno.test("the reference follows a season, a change of level, and no outlier", () => {
  const wave = Float64Array.from(
    { length: 240 },
    (_, i) => 50 + 20 * Math.sin(2 * Math.PI * i / 24),
  );
  const guessAt = (value: Float64Array, row: number, step: number) => {
    const series = hourly(value);
    const { reference } = ReferencedInputs.fit(series, { horizon: 6 })
      .transform(series);
    assert.ok(reference);
    return reference.toUnit(reference.center[row * 6 + step - 1]);
  };
  assert.ok(Math.abs(guessAt(wave, 230, 6) - wave[236]) < 1);
  const outlier = wave.map((y, i) => i === 200 ? 5e4 : y);
  assert.ok(Math.abs(guessAt(outlier, 201, 3) - wave[204]) < 5);
  const risen = Float64Array.from({ length: 240 }, (_, i) => i < 120 ? 10 : 40);
  assert.ok(Math.abs(guessAt(risen, 160, 4) - 40) < 1);
});

Deno.test("ReferencedInputs stays finite on constant, huge, tiny and empty-handed series", () => {
  const cases = [
    new Float64Array(60).fill(7),
    new Float64Array(60),
    Float64Array.from({ length: 60 }, (_, i) => i % 2 ? 1e300 : -1e300),
    Float64Array.from({ length: 60 }, (_, i) => i === 30 ? 1e12 : 1e-12),
    Float64Array.of(3),
  ];
  for (const value of cases) {
    const series = hourly(value);
    const inputs = ReferencedInputs.fit(series, { horizon: 30 });
    const { features, reference } = inputs.transform(series);
    assert.ok(reference);
    assert.ok(features.data.every(Number.isFinite));
    assert.ok(
      reference.center.every((z) => Number.isFinite(reference.toUnit(z))),
    );
    assert.ok(reference.spread.every((s) => s > 0 && Number.isFinite(s)));
  }
});

Deno.test("ReferencedInputs refuses other steps, and a rate that it does not know", () => {
  const series = days();
  const inputs = ReferencedInputs.fit(series);
  assert.throws(
    () => inputs.transform({ ...series, stepMs: 60_000 }),
    { name: "RangeError", message: /stepMs is 60000/ },
  );
  assert.throws(() => inputs.transform(series, { rate: series }), {
    name: "RangeError",
    message: /request rate is given/,
  });
  const withRate = ReferencedInputs.fit(series, { rate: series });
  assert.throws(() => withRate.transform(series), /request rate is missing/);
  const short = sliceSeries(series, 0, 9);
  assert.throws(
    () => ReferencedInputs.fit(series, { rate: short }),
    RangeError,
  );
  assert.throws(() => ReferencedInputs.fit(series, { horizon: 0 }), RangeError);
});

Deno.test("ReferencedInputs survives JSON; damaged JSON is refused by its field", async () => {
  const series = days();
  const inputs = ReferencedInputs.fit(series, { rate: series });
  const text = JSON.stringify(inputs);
  const loaded = ReferencedInputs.fromJSON(JSON.parse(text));
  const rate = { rate: series };
  assert.deepEqual(
    loaded.transform(series, rate).features,
    inputs.transform(series, rate).features,
  );
  await forEachField(text, (path, value, copyWith) => {
    for (const damage of damages(value)) {
      if (path.length === 1 && path[0] === "rate" && damage === null) continue;
      const isText = typeof value === "string" && damage !== MISSING;
      assert.throws(
        () => ReferencedInputs.fromJSON(copyWith(damage)),
        { name: "SyntaxError", message: /^Cannot load model: / },
        `${path}: ${String(damage)}${isText ? "" : ""}`,
      );
    }
    return Promise.resolve();
  });
});

Deno.test("seasonOf() is a day where steps divide it", () => {
  assert.equal(seasonOf(HOUR), 24);
  assert.equal(seasonOf(7 * 60_000), 1);
  assert.equal(seasonOf(24 * HOUR), 1);
  assert.equal(seasonOf(48 * HOUR), 1);
  assert.equal(seasonOf(1000), 86_400);
  assert.equal(seasonOf(1), 1);
});
