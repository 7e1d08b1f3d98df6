import assert from "node:assert/strict";
import {
  describeFeature,
  REQUEST_FEATURES,
  RequestFeatures,
  SERIES_FEATURES,
  seriesFeatures,
  TRAFFIC_FEATURES,
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

type Untimed = { at: number; bytes: number; method?: string; status?: number };

function untimedLogOf(rows: readonly Untimed[]): RequestLog {
  return {
    timestampMs: Float64Array.from(rows, ({ at }) => at * MINUTE),
    method: categoriesOf(rows.map(({ method = "GET" }) => method)),
    endpoint: categoriesOf(rows.map(() => "/a")),
    statusCode: Uint16Array.from(rows, ({ status = 200 }) => status),
    sizeBytes: Float64Array.from(rows, ({ bytes }) => bytes),
    sourceRow: Uint32Array.from(rows, (_, row) => row),
  };
}

/** One request of 99 bytes a minute for two days. */
const STEADY = untimedLogOf(
  Array.from({ length: 2881 }, (_, at) => ({ at, bytes: 99 })),
);

Deno.test("RequestFeatures without response times compares sizes with the route's", () => {
  const features = RequestFeatures.fit(STEADY);
  assert.deepEqual(features.names, TRAFFIC_FEATURES);
  assert.equal(features.usesResponseTimes, false);
  const { x } = features.transform(untimedLogOf([
    { at: 0, bytes: 199 },
    { at: 0, bytes: 0 },
    { at: 0, bytes: 0, status: 304 }, // These three have no body to compare.
    { at: 0, bytes: 0, status: 204 },
    { at: 0, bytes: 0, method: "HEAD" },
  ]));
  const sizes = [...matrixColumn(x, 0)];
  assert.deepEqual(sizes.slice(2), [0, 0, 0]);
  assert.ok(Math.abs(sizes[0] - Math.log(200 / 100)) < 1e-12);
  assert.ok(Math.abs(sizes[1] - Math.log(1 / 100)) < 1e-12);
  assert.ok(
    Math.abs(matrixColumn(x, 1)[4] - Math.log(2 / 100) / 5) < 1e-12,
  );
});

Deno.test("RequestFeatures without response times compares rates with the hour's", () => {
  const features = RequestFeatures.fit(STEADY);
  // Usual is about one a minute. A day later: one a minute for an hour, then
  // four a minute for half an hour.
  const usual = Array.from({ length: 60 }, (_, at) => ({ at, bytes: 99 }));
  const surge = Array.from(
    { length: 120 },
    (_, k) => ({ at: 60 + k / 4, bytes: 99 }),
  );
  const { x, value, expected } = features.transform(
    untimedLogOf([...usual, ...surge]),
  );
  const close = (actual: number, wanted: number) =>
    assert.ok(Math.abs(actual - wanted) < 0.02, `${actual}, not ${wanted}`);
  // 5 in the last 5 minutes, 30 in the last 30, as usual.
  close(matrixColumn(x, 2)[59], 0);
  close(matrixColumn(x, 3)[59], 0);
  close(value[59], 1);
  close(expected[59], 1);
  // The last is at 89.75: 20 since 84.75, 120 since 59.75.
  close(matrixColumn(x, 2)[179], Math.log((20 + 5) / (5 + 5)));
  close(matrixColumn(x, 3)[179], Math.log((120 + 5) / (30 + 5)));
  close(value[179], 4);
  close(expected[179], 1);
});

Deno.test("RequestFeatures without response times sees a silence afterwards", () => {
  const features = RequestFeatures.fit(STEADY);
  const early = Array.from({ length: 60 }, (_, at) => ({ at, bytes: 99 }));
  const { x, value } = features.transform(
    untimedLogOf([...early, { at: 120, bytes: 99 }]),
  );
  // One request in 30 minutes, where 30 are usual.
  assert.ok(Math.abs(matrixColumn(x, 3)[60] - Math.log(6 / 35)) < 0.02);
  assert.equal(value[60], 1 / 30);
});

Deno.test("RequestFeatures without response times counts 5xx and 4xx apart", () => {
  const { x } = RequestFeatures.fit(STEADY).transform(untimedLogOf([
    { at: 0, bytes: 99, status: 500 },
    { at: 1, bytes: 99, status: 404 },
    { at: 2, bytes: 99, status: 399 },
    { at: 3, bytes: 99, status: 429 },
  ]));
  assert.deepEqual(
    [...matrixColumn(x, 4)],
    [1, 1, 1, 1].map((errors, row) =>
      errors / (row + 1) * (row + 1) / (row + 21)
    ),
  );
  assert.deepEqual(
    [...matrixColumn(x, 5)],
    [0, 1, 1, 2].map((refused, row) =>
      refused / (row + 1) * (row + 1) / (row + 21)
    ),
  );
});

Deno.test("RequestFeatures without response times never looks ahead", () => {
  const { responseTimeMs: _, ...log } = generateLog({ rows: 2000 }).log;
  const features = RequestFeatures.fit(log);
  const half = Uint32Array.from({ length: 1000 }, (_, row) => row);
  const early = features.transform(selectRequests(log, half));
  const all = features.transform(log);
  assert.deepEqual(early.x.data, all.x.data.slice(0, early.x.data.length));
  assert.deepEqual(early.expected, all.expected.slice(0, 1000));
  assert.ok(all.x.data.every(Number.isFinite));
});

Deno.test("RequestFeatures without response times loads what it saved", () => {
  const { responseTimeMs: _, ...log } = generateLog({ rows: 300 }).log;
  const features = RequestFeatures.fit(log);
  const json = JSON.parse(JSON.stringify(features));
  const loaded = RequestFeatures.fromJSON(json);
  assert.deepEqual(loaded.transform(log), features.transform(log));
  assert.deepEqual(loaded.names, TRAFFIC_FEATURES);
  for (
    const [change, message] of [
      [{ traffic: null }, /encoder.traffic is not an object/],
      [{ traffic: {} }, /encoder.traffic.hourlyRate/],
      [{ typicalBytes: undefined }, /encoder.typicalBytes/],
    ] as const
  ) {
    assert.throws(() => RequestFeatures.fromJSON({ ...json, ...change }), {
      name: "SyntaxError",
      message,
    });
  }
});

Deno.test("RequestFeatures takes logs with response times as training had them", () => {
  const timed = logOf([{ at: 0, to: "/a", ms: 1 }]);
  const { responseTimeMs: _, ...untimed } = timed;
  assert.throws(() => RequestFeatures.fit(timed).transform(untimed), {
    name: "TypeError",
    message:
      "Cannot compute features: the log has no response times, expected responseTimeMs",
  });
  assert.throws(() => RequestFeatures.fit(untimed).transform(timed), {
    name: "TypeError",
    message:
      "Cannot compute features: the log has response times, expected none as in training",
  });
});

Deno.test("RequestFeatures without response times takes one request, or none with a body", () => {
  for (const status of [200, 304]) {
    const log = untimedLogOf([{ at: 0, bytes: 0, status }]);
    const { x } = RequestFeatures.fit(log).transform(log);
    assert.ok(x.data.every(Number.isFinite));
    assert.equal(x.cols, TRAFFIC_FEATURES.length);
  }
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
  assert.equal(
    describeFeature("rate of 4xx over 30 min", 0.25),
    "rate of 4xx over 30 min 25 %",
  );
  assert.equal(
    describeFeature("requests over 30 min", Math.log(0.1)),
    "requests over 30 min 0.100x typical",
  );
  assert.equal(describeFeature("value", 1.23456789), "value 1.23457");
});
