import assert from "node:assert/strict";
import {
  type AnalysisInput,
  AnomalyModel,
  DETECTION_METHODS,
  flagByFixedLimit,
  reasonFor,
} from "lib/analysis.ts";
import { daysSpanned, judgeIncidents } from "lib/evaluate/range.ts";
import {
  REQUEST_FEATURES,
  SERIES_FEATURES,
  TRAFFIC_FEATURES,
} from "lib/logs/features.ts";
import { type RequestLog, selectRequests } from "lib/logs/request_log.ts";
import { generateLog, isDecoy } from "lib/logs/synthetic.ts";
import { Random } from "lib/numeric/random.ts";
import { withChecksums } from "lib/numeric/field_checksums.ts";
import { encodeArray } from "lib/numeric/typed_array_json.ts";

function requests(seed: number, incidentCount: number): AnalysisInput {
  const { log } = generateLog({ rows: 3000, days: 2, seed, incidentCount });
  return { kind: "requests", log };
}

function withoutResponseTimes(log: RequestLog): AnalysisInput {
  const { responseTimeMs: _, ...rest } = log;
  return { kind: "requests", log: rest };
}

/** A noisy day and one spike, a value a minute. */
function seriesWithSpike(): AnalysisInput {
  const random = new Random(3);
  const value = Float64Array.from(
    { length: 600 },
    (_, i) => 100 + 5 * random.normal() + (i === 400 ? 300 : 0),
  );
  return {
    kind: "series",
    observations: {
      timestampMs: value.map((_, i) => i * 60_000),
      value,
      sourceRow: Uint32Array.from(value, (_, i) => i),
    },
  };
}

for (const method of DETECTION_METHODS.filter((name) => name !== "hybrid")) {
  Deno.test(`AnomalyModel ${method} flags the share asked for, finitely`, async () => {
    const input = requests(1, 1);
    const model = await AnomalyModel.fit(input, { method, alarmRate: 0.05 });
    const rows = model.score(input);
    assert.ok(rows.score.every(Number.isFinite));
    const flagged = rows.anomaly.reduce((sum, flag) => sum + flag, 0);
    assert.ok(flagged > 0.03 * 3000 && flagged <= 0.05 * 3000, `${flagged}`);
    for (let row = 0; row < 3000; row++) {
      assert.equal(reasonFor(rows, row) !== "", rows.anomaly[row] === 1);
      assert.equal(rows.anomaly[row] === 1, rows.score[row] > rows.threshold);
    }
  });

  Deno.test(`AnomalyModel ${method} loads with the scores it was saved with`, async () => {
    const input = requests(2, 1);
    const model = await AnomalyModel.fit(input, { method });
    const json = JSON.parse(JSON.stringify(model));
    const loaded = await AnomalyModel.fromJSON(json);
    assert.deepEqual(loaded.score(input), model.score(input));
    assert.equal(loaded.method, method);
  });

  Deno.test(`AnomalyModel ${method} finds the spike of a series`, async () => {
    const input = seriesWithSpike();
    const model = await AnomalyModel.fit(input, { method, alarmRate: 0.005 });
    const rows = model.score(input);
    const highest = rows.score.indexOf(Math.max(...rows.score));
    assert.equal(highest, 400);
    const incidents = model.incidents(rows);
    assert.ok(incidents.some(({ peakMs }) => peakMs === 400 * 60_000));
  });
}

Deno.test("AnomalyModel finds more incidents than a fixed p99 limit would", async () => {
  let found = 0, known = 0, days = 0, falseAlarms = 0;
  for (const seed of [21, 22, 23]) {
    const { log, incidents } = generateLog({ seed });
    const input: AnalysisInput = { kind: "requests", log };
    const model = await AnomalyModel.fit(input);
    const judged = judgeIncidents(
      model.incidents(model.score(input)),
      incidents.filter((incident) => !isDecoy(incident)),
      { days: daysSpanned(log.timestampMs) },
    );
    found += judged.found;
    known += judged.known;
    days += daysSpanned(log.timestampMs);
    falseAlarms += judged.falseAlarmsPerDay * daysSpanned(log.timestampMs);
  }
  // A p99 limit finds 1.9 of 12 on average over other seeds.
  assert.ok(found / known > 0.4, `${found} of ${known}`);
  assert.ok(falseAlarms / days < 1, `${falseAlarms} in ${days} days`);
});

Deno.test("AnomalyModel finds failures without response times, beyond chance", async () => {
  const kinds = { error_burst: 0, fast_failure: 0 };
  const chance = { error_burst: 0, fast_failure: 0 };
  let falseAlarms = 0, days = 0, known = 0;
  for (const seed of [31, 32, 33, 34]) {
    const { log, incidents } = generateLog({ seed });
    const input = withoutResponseTimes(log);
    const model = await AnomalyModel.fit(input);
    const detected = model.incidents(model.score(input));
    const span = daysSpanned(log.timestampMs);
    const spanMs = span * 86_400_000;
    for (const kind of ["error_burst", "fast_failure"] as const) {
      const ofKind = incidents.filter((one) => one.kind === kind);
      known += ofKind.length;
      kinds[kind] += judgeIncidents(detected, ofKind, { days: span }).found;
      // Chance: the same incidents at 100 other times, round the clock.
      for (let k = 1; k <= 100; k++) {
        const moved = ofKind.map(({ startMs, endMs }) => {
          const from = log.timestampMs[0];
          const at = from + (startMs - from + k * spanMs / 101) % spanMs;
          return { startMs: at, endMs: at + endMs - startMs };
        });
        chance[kind] += judgeIncidents(detected, moved, { days: span }).found /
          100;
      }
    }
    const real = incidents.filter((one) => !isDecoy(one));
    falseAlarms +=
      judgeIncidents(detected, real, { days: span }).falseAlarmsPerDay * span;
    days += span;
  }
  assert.equal(known, 16);
  assert.equal(kinds.fast_failure, 8);
  assert.ok(chance.fast_failure < 2, `${chance.fast_failure} by chance`);
  assert.ok(
    kinds.error_burst > 2 * chance.error_burst,
    `${kinds.error_burst} found, ${chance.error_burst} by chance`,
  );
  assert.ok(falseAlarms / days < 1, `${falseAlarms} in ${days} days`);
});

Deno.test("AnomalyModel raises an incident when requests drop, without response times", async () => {
  const { log } = generateLog({ days: 7, incidentCount: 0, seed: 8 });
  // Nine of ten requests are lost from noon to two on the sixth day.
  const fromMs = Date.UTC(2026, 0, 10, 12);
  const toMs = Date.UTC(2026, 0, 10, 14);
  const kept = Array.from(log.sourceRow, (_, row) => row).filter((row) =>
    log.timestampMs[row] < fromMs || log.timestampMs[row] >= toMs ||
    row % 10 === 0
  );
  const input = withoutResponseTimes(selectRequests(log, kept));
  const model = await AnomalyModel.fit(input);
  const found = model.incidents(model.score(input)).filter((incident) =>
    incident.startMs < toMs + 1_800_000 && incident.endMs >= fromMs
  );
  assert.ok(found.length > 0);
  assert.ok(found[0].observed < found[0].expected / 2);
  assert.match(found[0].features[0], /^requests over/);
});

Deno.test("AnomalyModel keeps models with and without response times apart", async () => {
  const timed = requests(1, 0);
  assert.ok(timed.kind === "requests");
  const untimed = withoutResponseTimes(timed.log);
  const withTimes = await AnomalyModel.fit(timed);
  const without = await AnomalyModel.fit(untimed);
  assert.deepEqual(withTimes.features, REQUEST_FEATURES);
  assert.equal(withTimes.usesResponseTimes, true);
  assert.deepEqual(without.features, TRAFFIC_FEATURES);
  assert.equal(without.usesResponseTimes, false);
  assert.throws(() => withTimes.score(untimed), TypeError);
  assert.throws(() => without.score(timed), {
    name: "TypeError",
    message: /has response times, expected none as in training/,
  });
  const json = JSON.parse(JSON.stringify(without));
  assert.deepEqual(json.features, TRAFFIC_FEATURES);
  const loaded = await AnomalyModel.fromJSON(json);
  assert.deepEqual(loaded.score(untimed), without.score(untimed));
  const other = JSON.parse(JSON.stringify(withTimes));
  for (
    const [change, message] of [
      [{ features: REQUEST_FEATURES }, /features is \["response time"/],
      [{ features: undefined }, /features is missing, expected \["size"/],
      [{ encoder: other.encoder }, /scaler has 6 features, expected 5/],
    ] as const
  ) {
    await assert.rejects(AnomalyModel.fromJSON({ ...json, ...change }), {
      name: "SyntaxError",
      message,
    });
  }
  const series = await AnomalyModel.fit(seriesWithSpike());
  assert.deepEqual(series.features, SERIES_FEATURES);
});

Deno.test("AnomalyModel merges flags of a series up to three steps apart", async () => {
  const model = await AnomalyModel.fit(seriesWithSpike());
  const input = seriesWithSpike();
  const rows = model.score(input);
  const flagged = [10, 13, 17];
  const anomaly = rows.anomaly.map((_, row) => flagged.includes(row) ? 1 : 0);
  const spans = model.incidents({ ...rows, anomaly })
    .map(({ startMs, endMs }) => [startMs / 60_000, endMs / 60_000]);
  assert.deepEqual(spans, [[10, 13], [17, 17]]);
});

Deno.test("AnomalyModel scores rows of the kind it was fitted on only", async () => {
  const model = await AnomalyModel.fit(requests(1, 0));
  assert.throws(() => model.score(seriesWithSpike()), {
    name: "TypeError",
    message: "Cannot score: input is series, expected requests as in training",
  });
});

Deno.test("AnomalyModel.fit() rejects options out of range", async () => {
  const input = requests(1, 0);
  await assert.rejects(AnomalyModel.fit(input, { alarmRate: 2 }), {
    name: "RangeError",
    message:
      "Cannot fit a model: alarmRate is 2, expected a finite number >= 0 and <= 1",
  });
  await assert.rejects(AnomalyModel.fit(input, { seed: -1 }), RangeError);
});

Deno.test("AnomalyModel.fromJSON() names the field that is wrong", async () => {
  const model = await AnomalyModel.fit(requests(1, 0));
  const json = JSON.parse(JSON.stringify(model));
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ format: "pickle" }, /format is "pickle", expected latency-lab-model/],
    [{ version: 2 }, /version is 2/],
    [{ kind: "toString" }, /kind is "toString"/],
    [{ threshold: "high" }, /threshold is "high"/],
    [{ encoder: null }, /scaler has 5 features, expected 2/],
    [{ encoder: [] }, /encoder is not an object/],
    [{ scaler: { offset: json.scaler.offset } }, /scaler.scale/],
    [{ model: null }, /Cannot load model/],
    [{ seed: 0.5 }, /seed is 0.5/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(AnomalyModel.fromJSON({ ...json, ...change }), {
      name: "SyntaxError",
      message,
    });
  }
  await assert.rejects(AnomalyModel.fromJSON("{}"), SyntaxError);
});

Deno.test("flagByFixedLimit() takes its limit from training requests alone", () => {
  const { log } = generateLog({ rows: 4, days: 1, incidentCount: 0 });
  const train = { ...log, responseTimeMs: Float64Array.of(10, 20, 30, 40) };
  const other = { ...log, responseTimeMs: Float64Array.of(35, 36, 38, 500) };
  // The quantile 0.9 of 10, 20, 30, 40 is 30 + 0.7 * 10 = 37.
  const points = flagByFixedLimit(train, other, 0.1);
  assert.deepEqual([...points.anomaly], [0, 0, 1, 1]);
  assert.deepEqual([...points.expected], [25, 25, 25, 25]);
});

Deno.test("AnomalyModel never gives a score that is no number", async () => {
  const input = requests(1, 0);
  const model = await AnomalyModel.fit(input, {
    method: "autoencoder",
    epochs: 1,
  });
  const json = JSON.parse(JSON.stringify(model));
  // As large as 32 bits allow, of both signs, so that sums overflow and cancel.
  const { checksums: _, ...fields } = json.model;
  const weights = Float32Array.from(
    { length: fields.weights.length },
    (_, k) => k % 2 ? 3.4e38 : -3.4e38,
  );
  json.model = withChecksums({ ...fields, weights: encodeArray(weights) });
  const loaded = await AnomalyModel.fromJSON(json);
  assert(loaded.score(input).score.every(Number.isFinite));
});

function seriesOf(values: number[]): AnalysisInput {
  const value = Float64Array.from(values);
  return {
    kind: "series",
    observations: {
      timestampMs: value.map((_, i) => i * 60_000),
      value,
      sourceRow: Uint32Array.from(value, (_, i) => i),
    },
  };
}

Deno.test("AnomalyModel hybrid finds the spike, says why, and loads as saved", async () => {
  const input = seriesWithSpike();
  const method = "hybrid";
  const model = await AnomalyModel.fit(input, { method, alarmRate: 0.005 });
  const rows = model.score(input);
  // A row on each side shares the evidence; its own comes first all the same.
  const flags = (alarmRate: number) =>
    AnomalyModel.fit(input, { method, alarmRate }).then((fitted) =>
      fitted.score(input).anomaly.reduce((sum, flag) => sum + flag, 0)
    );
  assert.ok(rows.anomaly[400] === 1);
  assert.equal(await flags(0.002), 2);
  assert.match(reasonFor(rows, 400), /^(shape of \d+ steps, )?value \d/);
  assert.ok(
    model.incidents(rows).some(({ startMs, endMs }) =>
      startMs <= 400 * 60_000 && endMs >= 400 * 60_000
    ),
  );
  const json = JSON.parse(JSON.stringify(model));
  const loaded = await AnomalyModel.fromJSON(json);
  assert.equal(loaded.method, method);
  assert.deepEqual(loaded.score(input), rows);
  for (const damaged of [null, {}, { ...json.model, hybrid: null }]) {
    await assert.rejects(
      AnomalyModel.fromJSON({ ...json, model: damaged }),
      SyntaxError,
    );
  }
});

Deno.test("AnomalyModel hybrid takes constant and negative series, none of 59 rows, no requests", async () => {
  const method = "hybrid";
  const same = seriesOf(new Array(100).fill(7));
  const constant = await AnomalyModel.fit(same, { method });
  assert.ok(constant.score(same).anomaly.every((flag) => flag === 0));
  const negative = seriesOf(
    Array.from({ length: 100 }, (_, i) => i === 50 ? -90 : -(i % 5)),
  );
  const model = await AnomalyModel.fit(negative, { method });
  const { score } = model.score(negative);
  assert.equal(score[50], Math.max(...score));
  await assert.rejects(
    AnomalyModel.fit(seriesOf(new Array(59).fill(1)), { method }),
    RangeError,
  );
  await assert.rejects(AnomalyModel.fit(requests(1, 0), { method }), TypeError);
});
