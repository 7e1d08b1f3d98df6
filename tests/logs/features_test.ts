import assert from "node:assert/strict";
import {
  describeFeature,
  REQUEST_FEATURES,
  RequestFeatures,
  SERIES_FEATURES,
  seriesFeatures,
} from "lib/logs/features.ts";
import {
  categoriesOf,
  type RequestLog,
  selectRequests,
} from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { matrixColumn } from "lib/numeric/matrix.ts";

const MINUTE = 60_000;

function logOf(
  rows: readonly { at: number; to: string; ms: number; status?: number }[],
): RequestLog {
  return {
    timestampMs: Float64Array.from(rows, ({ at }) => at * MINUTE),
    method: categoriesOf(rows.map(() => "GET")),
    endpoint: categoriesOf(rows.map(({ to }) => to)),
    statusCode: Uint16Array.from(rows, ({ status = 200 }) => status),
    sizeBytes: new Float64Array(rows.length),
    responseTimeMs: Float64Array.from(rows, ({ ms }) => ms),
    sourceRow: Uint32Array.from(rows, (_, row) => row),
  };
}

Deno.test("RequestFeatures compares a request with its own route", () => {
  const train = logOf([
    { at: 0, to: "/a", ms: 9 },
    { at: 1, to: "/a", ms: 99 },
    { at: 2, to: "/a", ms: 199 },
    { at: 3, to: "/b", ms: 999 },
  ]);
  const features = RequestFeatures.fit(train);
  const { x, expected } = features.transform(logOf([
    { at: 0, to: "/b", ms: 999 },
    { at: 0, to: "/a", ms: 199 },
    { at: 0, to: "/new", ms: 149 },
  ]));
  // The median of /a is 99, of /b 999, of all (9, 99, 199, 999) 149.
  assert.deepEqual([...expected], [999, 99, 149]);
  const ratio = matrixColumn(x, 0);
  assert.deepEqual([...ratio], [0, Math.log(200) - Math.log(100), 0]);
});

Deno.test("RequestFeatures averages over 5 and 30 min, and within endpoints", () => {
  const train = logOf([{ at: 0, to: "/a", ms: 0 }, { at: 1, to: "/b", ms: 0 }]);
  const e = Math.E - 1; // ln(1 + e) = 1 against a typical 0 ms.
  const { x } = RequestFeatures.fit(train).transform(logOf([
    { at: 0, to: "/a", ms: e },
    { at: 10, to: "/b", ms: 0 },
    { at: 12, to: "/a", ms: e, status: 503 },
    { at: 50, to: "/a", ms: 0 },
  ]));
  assert.deepEqual([...matrixColumn(x, 1)], [1, 0, 0.5, 0]);
  assert.deepEqual([...matrixColumn(x, 2)], [1, 0.5, 2 / 3, 0]);
  assert.deepEqual([...matrixColumn(x, 3)], [1, 0, 1, 0]);
  // One error among 3 requests counts as one among 23.
  assert.deepEqual([...matrixColumn(x, 4)], [0, 0, 1 / 3 * 3 / 23, 0]);
});

Deno.test("RequestFeatures never looks ahead", () => {
  const { log } = generateLog({ rows: 2000, days: 1, seed: 5 });
  const features = RequestFeatures.fit(log);
  const half = Uint32Array.from({ length: 1000 }, (_, row) => row);
  const early = features.transform(selectRequests(log, half));
  const all = features.transform(log);
  assert.deepEqual(early.x.data, all.x.data.slice(0, early.x.data.length));
});

Deno.test("RequestFeatures loads what it saved, and nothing else", () => {
  const { log } = generateLog({ rows: 300, days: 1 });
  const features = RequestFeatures.fit(log);
  const json = JSON.parse(JSON.stringify(features));
  assert.deepEqual(
    RequestFeatures.fromJSON(json).transform(log),
    features.transform(log),
  );
  assert.throws(() => RequestFeatures.fromJSON({ ...json, routes: [1] }), {
    message: /routes is not a list/,
  });
  assert.throws(
    () => RequestFeatures.fromJSON({ ...json, routes: ["GET /"] }),
    /encoder.typicalMs has length/,
  );
});

Deno.test("RequestFeatures demands response times", () => {
  const { responseTimeMs: _, ...log } = logOf([{ at: 0, to: "/a", ms: 1 }]);
  assert.throws(() => RequestFeatures.fit(log), {
    name: "TypeError",
    message:
      "Cannot compute features: the log has no response times, expected responseTimeMs",
  });
});

Deno.test("seriesFeatures() compares with the median before", () => {
  const value = Float64Array.of(10, 20, 30, 100);
  const { x, expected } = seriesFeatures({
    timestampMs: Float64Array.of(0, 1, 2, 3),
    value,
    sourceRow: Uint32Array.of(0, 1, 2, 3),
  });
  assert.deepEqual([...expected], [10, 10, 15, 20]);
  assert.deepEqual([...matrixColumn(x, 1)], [0, 10, 15, 80]);
  assert.equal(x.cols, SERIES_FEATURES.length);
});

Deno.test("describeFeature() speaks of ratios, shares and plain values", () => {
  assert.equal(
    describeFeature(REQUEST_FEATURES[1], Math.log(0.5)),
    "response time over 5 min 0.500x typical",
  );
  assert.equal(
    describeFeature(REQUEST_FEATURES[4], 0.4),
    "error rate over 30 min 40 %",
  );
  assert.equal(describeFeature("value", 1.23456789), "value 1.23457");
});
