import assert from "node:assert/strict";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { Random } from "lib/numeric/random.ts";
import { predictSpikes } from "lib/spike_prediction.ts";

const MINUTE = 60_000;
const ROWS = 8 * 60 * 4;

/** Four requests a minute for eight hours, two endpoints. */
function logOf(
  msOf: (row: number) => number,
  statusOf: (row: number) => number = () => 200,
): RequestLog {
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  return {
    timestampMs: Float64Array.from(rows, (row) => row * MINUTE / 4),
    method: categoriesOf(rows.map(() => "GET")),
    endpoint: categoriesOf(rows.map((row) => row % 2 ? "/a" : "/b")),
    statusCode: Uint16Array.from(rows, statusOf),
    sizeBytes: new Float64Array(ROWS),
    responseTimeMs: Float64Array.from(rows, msOf),
    sourceRow: Uint32Array.from(rows),
  };
}

/** Times about 100 ms, `factor` times as long from the row on. */
function noisy(fromRow: number, factor: number, seed = 1) {
  const random = new Random(seed);
  const noise = Float64Array.from({ length: ROWS }, () => random.normal());
  return (row: number) =>
    100 * Math.exp(0.3 * noise[row]) * (row >= fromRow ? factor : 1);
}

Deno.test("predictSpikes() gives no warning of a constant log", () => {
  const { warnings, probability, signals } = predictSpikes(logOf(() => 100));
  assert.deepEqual(warnings, []);
  assert.ok(probability.every((p) => p >= 0 && p < 0.2));
  assert.deepEqual(
    signals.map(({ name, endpoint }) => `${name} ${endpoint}`),
    ["slowness ", "error_rate ", "slowness /b", "slowness /a"],
  );
});

Deno.test("predictSpikes() warns of a log that grows slow, and says by how much", () => {
  // After 6 of 8 hours, within the second half that is watched.
  const from = 6 * 60 * 4;
  const { warnings, signals, timestampMs } = predictSpikes(
    logOf(noisy(from, 3)),
  );
  const fromMs = from * MINUTE / 4;
  assert.equal(warnings.length, 1);
  const [{ startMs, signal, endpoint, limit, probability }] = warnings;
  assert.ok(startMs > fromMs && startMs <= fromMs + 5 * MINUTE);
  assert.deepEqual([signal, endpoint], ["slowness", ""]);
  assert.ok(Math.abs(limit - 1.5) < 1e-9);
  assert.ok(probability > 0.5);
  const { value } = signals[0];
  const then = timestampMs.findIndex((at) => at === fromMs + 30 * MINUTE);
  assert.ok(value[then] > 2.5 && value[then] < 3.5);
});

Deno.test("predictSpikes() names the endpoint that alone grows slow", () => {
  const from = 6 * 60 * 4;
  const slow = noisy(from, 4);
  const usual = noisy(ROWS, 1);
  const { warnings } = predictSpikes(
    logOf((row) => row % 2 ? slow(row) : usual(row)),
  );
  assert.ok(warnings.some(({ endpoint }) => endpoint === "/a"));
  assert.ok(!warnings.some(({ endpoint }) => endpoint === "/b"));
});

Deno.test("predictSpikes() warns of failures, though they are fast", () => {
  const from = 6 * 60 * 4;
  const { warnings } = predictSpikes(
    logOf(noisy(ROWS, 1), (row) => row >= from && row % 3 === 0 ? 503 : 200),
  );
  assert.equal(warnings.length, 1);
  const [{ signal, startMs, limit }] = warnings;
  assert.equal(signal, "error_rate");
  assert.ok(startMs <= from * MINUTE / 4 + 5 * MINUTE);
  // The usual rate, at most one of so many, and 0.02.
  assert.ok(limit > 0.02 && limit < 0.022);
});

Deno.test("predictSpikes() takes a high rate of failures as usual", () => {
  const { warnings } = predictSpikes(
    logOf(noisy(ROWS, 1), (row) => row % 4 === 0 ? 500 : 200),
  );
  assert.deepEqual(warnings, []);
});

Deno.test("predictSpikes() is causal: later requests change nothing before", () => {
  const { log } = generateLog({ rows: 4000, days: 2, seed: 3 });
  const changed = {
    ...log,
    responseTimeMs: log.responseTimeMs!.map((time, row) =>
      row < 3000 ? time : 20 * time
    ),
    statusCode: log.statusCode.map((code, row) => row < 3000 ? code : 503),
  };
  const options = { limit: { quantile: 0.95 }, errorLimit: { quantile: 0.9 } };
  for (const own of [{}, options]) {
    const [before, after] = [log, changed].map((each) =>
      predictSpikes(each, own)
    );
    const known = before.timestampMs
      .filter((at) => at <= log.timestampMs[3000]).length;
    assert.ok(known > 100);
    before.signals.forEach((signal, k) => {
      for (const column of ["probability", "value", "limit"] as const) {
        assert.deepEqual(
          after.signals[k][column].subarray(0, known),
          signal[column].subarray(0, known),
        );
      }
    });
    assert.ok(
      after.probability[known + 30] > before.probability[known + 30],
    );
  }
});

Deno.test("predictSpikes() gives probabilities, the same again, and keeps its input", () => {
  const { log } = generateLog({ rows: 4000, days: 2, seed: 4 });
  const copy = structuredClone(log);
  const first = predictSpikes(log, { threshold: 0.1, horizon: 5 });
  assert.deepEqual(log, copy);
  assert.deepEqual(predictSpikes(log, { threshold: 0.1, horizon: 5 }), first);
  assert.ok(first.warnings.length > 0);
  for (const { probability, leadMs } of first.signals) {
    assert.ok(probability.every((p) => p >= 0 && p <= 1));
    assert.ok(leadMs.every((ms) => ms >= MINUTE && ms <= 5 * MINUTE));
  }
  // The end of the step that is the first after a half of the steps.
  assert.equal(first.timestampMs[0] % MINUTE, 0);
});

Deno.test("predictSpikes() is the surer the lower the limit and the longer the horizon", () => {
  const { log } = generateLog({ rows: 4000, days: 2, seed: 5 });
  const [usual, lower, longer] = [{}, { limit: 1.2 }, { horizon: 60 }].map(
    (options) => predictSpikes(log, options).probability,
  );
  assert.ok(usual.every((p, i) => lower[i] >= p - 1e-12));
  assert.ok(usual.every((p, i) => longer[i] >= p - 1e-12));
});

Deno.test("predictSpikes() watches a log of failures alone", () => {
  const { warnings, probability } = predictSpikes(logOf(() => 100, () => 500));
  assert.deepEqual(warnings, []);
  assert.ok(probability.every(Number.isFinite));
});

Deno.test("predictSpikes() refuses what it cannot do", () => {
  const log = logOf(() => 100);
  const { responseTimeMs: _, ...untimed } = log;
  assert.throws(() => predictSpikes(untimed), TypeError);
  for (
    const options of [
      { stepMs: 0 },
      { stepMs: 600_000 }, // 48 steps
      { horizon: 0 },
      { limit: 0 },
      { errorLimit: 2 },
      { trainShare: 0 },
      { trainShare: 1 },
      { threshold: NaN },
    ]
  ) {
    assert.throws(
      () => predictSpikes(log, options),
      RangeError,
      JSON.stringify(options),
    );
  }
  assert.throws(() => predictSpikes(logOf(() => 1), { stepMs: 1e7 }), /steps/);
});
