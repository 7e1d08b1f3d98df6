import assert from "node:assert/strict";
import fc from "fast-check";
import {
  chooseBucketMs,
  formatDuration,
  type Metric,
  metricSeries,
  parseDurationMs,
  regularize,
} from "lib/logs/series.ts";
import {
  categoriesOf,
  type Observations,
  type RequestLog,
} from "lib/logs/request_log.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A log of requests [minute, response time, status, endpoint]. */
function logOf(
  requests: readonly (readonly [number, number, number, string])[],
): RequestLog {
  return {
    timestampMs: Float64Array.from(requests, ([minute]) => minute * MINUTE),
    method: categoriesOf(requests.map(() => "GET")),
    endpoint: categoriesOf(requests.map(([, , , endpoint]) => endpoint)),
    statusCode: Uint16Array.from(requests, ([, , status]) => status),
    sizeBytes: new Float64Array(requests.length),
    responseTimeMs: Float64Array.from(requests, ([, time]) => time),
    sourceRow: Uint32Array.from(requests, (_, i) => i),
  };
}

function observationsOf(
  pairs: readonly (readonly [number, number])[],
): Observations {
  return {
    timestampMs: Float64Array.from(pairs, ([timeMs]) => timeMs),
    value: Float64Array.from(pairs, ([, value]) => value),
    sourceRow: Uint32Array.from(pairs, (_, i) => i),
  };
}

/** A log of one request at each of the given minutes. */
function logAt(minutes: readonly number[]): RequestLog {
  return logOf(minutes.map((minute) => [minute, 1, 200, "/a"]));
}

// Buckets of 5 minutes: 5 to 10 holds three requests, 10 to 15 none, 15 to 20
// one.
const SMALL = logOf([
  [7, 30, 200, "/a"],
  [8, 10, 500, "/b"],
  [9.999, 20, 499, "/a"],
  [15, 70, 503, "/a"],
]);
const FIVE = { bucketMs: 5 * MINUTE };

Deno.test("metricSeries() starts buckets at multiples of their length", () => {
  const series = metricSeries(SMALL, { ...FIVE, metric: "count" });
  assert.deepEqual([...series.timestampMs], [5, 10, 15].map((m) => m * MINUTE));
  assert.equal(series.stepMs, 5 * MINUTE);
});

Deno.test("metricSeries() counts 0 in an empty bucket, as observed", () => {
  const series = metricSeries(SMALL, { ...FIVE, metric: "count" });
  assert.deepEqual([...series.value], [3, 0, 1]);
  assert.deepEqual([...series.observed], [1, 1, 1]);
});

Deno.test("metricSeries() carries a quantile over an empty bucket", () => {
  const series = metricSeries(SMALL, FIVE);
  // The median of 10, 20 and 30 is 20.
  assert.deepEqual([...series.value], [20, 20, 70]);
  assert.deepEqual([...series.observed], [1, 0, 1]);
});

Deno.test("metricSeries() takes quantiles of type 7", () => {
  // Of 10, 20, 30, p95 stands at 0.95 · 2 = 1.9: 20 + 0.9 · 10 = 29, and p99
  // at 1.98: 20 + 0.98 · 10 = 29.8.
  const p95 = metricSeries(SMALL, { ...FIVE, metric: "p95" }).value;
  const p99 = metricSeries(SMALL, { ...FIVE, metric: "p99" }).value;
  assert.ok(Math.abs(p95[0] - 29) < 1e-12);
  assert.ok(Math.abs(p99[0] - 29.8) < 1e-12);
});

Deno.test("metricSeries() takes 500 for an error and 499 not", () => {
  const series = metricSeries(SMALL, { ...FIVE, metric: "error_rate" });
  assert.deepEqual([...series.value], [1 / 3, 1 / 3, 1]);
  assert.deepEqual([...series.observed], [1, 0, 1]);
});

Deno.test("metricSeries() measures one endpoint alone", () => {
  const series = metricSeries(SMALL, {
    ...FIVE,
    metric: "p50",
    endpoint: "/b",
  });
  assert.deepEqual([...series.timestampMs], [5 * MINUTE]);
  assert.deepEqual([...series.value], [10]);
});

Deno.test("metricSeries() needs response times only for quantiles", () => {
  const { responseTimeMs: _, ...log } = SMALL;
  const count = metricSeries(log, { ...FIVE, metric: "count" });
  assert.deepEqual([...count.value], [3, 0, 1]);
  assert.throws(() => metricSeries(log, { ...FIVE, metric: "p99" }), {
    name: "TypeError",
    message:
      "Cannot make a metric series: the log has no response times, expected responseTimeMs for p99",
  });
});

Deno.test("metricSeries() rejects an endpoint that is not there", () => {
  assert.throws(() => metricSeries(SMALL, { ...FIVE, endpoint: "/c" }), {
    name: "RangeError",
    message:
      'Cannot make a metric series: the log has 0 requests to "/c", expected at least 1',
  });
});

Deno.test("metricSeries() rejects an empty log", () => {
  assert.throws(() => metricSeries(logOf([]), FIVE), {
    name: "RangeError",
    message:
      "Cannot make a metric series: the log has 0 requests, expected at least 1",
  });
});

Deno.test("metricSeries() rejects an unknown metric", () => {
  assert.throws(() => metricSeries(SMALL, { metric: "p42" as Metric }), {
    name: "RangeError",
    message:
      'Cannot make a metric series: metric is "p42", expected count, p50, p95, p99 or error_rate',
  });
});

Deno.test("metricSeries() rejects a length that is no whole number", () => {
  for (const bucketMs of [0, -1, 0.5, NaN]) {
    assert.throws(() => metricSeries(SMALL, { bucketMs }), RangeError);
  }
});

Deno.test("metricSeries() rejects a length that makes too many buckets", () => {
  // From minute 0 to minute 1,000 in milliseconds: 60,000,001 buckets.
  assert.throws(() => metricSeries(logAt([0, 1000]), { bucketMs: 1 }), {
    name: "RangeError",
    message:
      "Cannot make a metric series: a step of 1 ms makes 60000001 steps, expected at most 10000000",
  });
});

Deno.test("metricSeries() counts every request once, at any bucket", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1 }),
      fc.integer({ min: MINUTE / 2, max: 3 * HOUR }),
      (minutes, bucketMs) => {
        const log = logAt(minutes.sort((a, b) => a - b));
        const { value } = metricSeries(log, { metric: "count", bucketMs });
        const total = value.reduce((sum, count) => sum + count);
        return total === minutes.length && value[0] >= 1 &&
          value[value.length - 1] >= 1;
      },
    ),
    { seed: 1 },
  );
});

Deno.test("chooseBucketMs() takes the smallest with a median of 30", () => {
  // 6 requests a minute for 2 hours: 5 minutes hold 30.
  const even = logAt(Array.from({ length: 720 }, (_, i) => i / 6));
  assert.equal(chooseBucketMs(even), 5 * MINUTE);
  // One fewer in each bucket of 5 minutes: 29, and 58 in 10 minutes.
  const fewer = logAt(
    Array.from({ length: 720 }, (_, i) => i / 6).filter((_, i) => i % 30 > 0),
  );
  assert.equal(chooseBucketMs(fewer), 10 * MINUTE);
});

Deno.test("chooseBucketMs() counts empty buckets for the median", () => {
  // 40 requests in each of minutes 0 and 3: a median over minutes 0 to 3 of
  // (0 + 40) / 2 = 20; all 80 stand in one bucket of 5 minutes.
  const minutes = Array.from({ length: 80 }, (_, i) => i < 40 ? 0 : 3);
  assert.equal(chooseBucketMs(logAt(minutes)), 5 * MINUTE);
});

Deno.test("chooseBucketMs() falls back on a day", () => {
  assert.equal(chooseBucketMs(logAt([0, 1e9])), 24 * HOUR);
});

Deno.test("chooseBucketMs() looks at the endpoint alone", () => {
  const log = logOf(
    Array.from(
      { length: 120 },
      (_, i) => [i / 40, 1, 200, i % 2 === 0 ? "/a" : "/b"],
    ),
  );
  // 40 a minute over 3 minutes, 20 a minute on each endpoint.
  assert.equal(chooseBucketMs(log), MINUTE);
  assert.equal(chooseBucketMs(log, { endpoint: "/b" }), 5 * MINUTE);
});

Deno.test("metricSeries() takes the bucket of chooseBucketMs()", () => {
  const even = logAt(Array.from({ length: 720 }, (_, i) => i / 6));
  const series = metricSeries(even, { metric: "count" });
  assert.equal(series.stepMs, 5 * MINUTE);
  assert.deepEqual([...series.value], Array(24).fill(30));
});

Deno.test("regularize() finds the step and carries over gaps", () => {
  // Differences 10, 10, 30, 10: the median is 10.
  const series = regularize(
    observationsOf([[100, 1], [110, 2], [120, 3], [150, 4], [160, 5]]),
  );
  assert.equal(series.stepMs, 10);
  assert.deepEqual([...series.timestampMs], [
    ...[100, 110, 120, 130, 140, 150, 160],
  ]);
  assert.deepEqual([...series.value], [1, 2, 3, 3, 3, 4, 5]);
  assert.deepEqual([...series.observed], [1, 1, 1, 0, 0, 1, 1]);
});

Deno.test("regularize() averages what falls into one step", () => {
  const series = regularize(
    observationsOf([[0, 1], [0, 2], [0, 6], [10, 4], [20, 8]]),
  );
  assert.deepEqual([...series.value], [3, 4, 8]);
});

Deno.test("regularize() forgives jitter where it finds the step itself", () => {
  // Differences 100, 99, 102, 98, 101: the median is 100.
  const series = regularize(
    observationsOf([
      ...[[0, 1], [100, 2], [199, 3], [301, 4], [399, 5], [500, 6]] as const,
    ]),
  );
  assert.equal(series.stepMs, 100);
  assert.deepEqual([...series.value], [1, 2, 3, 4, 5, 6]);
});

Deno.test("regularize() puts values into steps of a given length", () => {
  const series = regularize(
    observationsOf([[1999, 1], [2000, 2], [2999, 4], [4000, 8]]),
    { stepMs: 1000 },
  );
  assert.deepEqual([...series.timestampMs], [1000, 2000, 3000, 4000]);
  assert.deepEqual([...series.value], [1, 3, 3, 8]);
  assert.deepEqual([...series.observed], [1, 1, 0, 1]);
});

Deno.test("regularize() leaves a regular series as it is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
        minLength: 2,
      }),
      fc.integer({ min: 1, max: HOUR }),
      fc.nat(),
      (values, stepMs, startMs) => {
        const series = regularize(
          observationsOf(
            values.map((value, i) => [startMs + i * stepMs, value]),
          ),
        );
        assert.deepEqual(series.value, Float64Array.from(values, (v) => v + 0));
        assert.equal(series.observed.indexOf(0), -1);
        assert.equal(series.stepMs, stepMs);
      },
    ),
    { seed: 2 },
  );
});

Deno.test("regularize() averages the largest doubles", () => {
  const largest = Number.MAX_VALUE;
  const { value } = regularize(
    observationsOf([[0, largest], [0, largest], [1, -largest], [1, largest]]),
  );
  assert.deepEqual([...value], [largest, 0]);
});

Deno.test("regularize() needs two times, or a step", () => {
  const single = observationsOf([[5, 1]]);
  assert.throws(() => regularize(single), {
    name: "RangeError",
    message:
      "Cannot regularize observations: all 1 values are of one time, expected at least 2 times or stepMs",
  });
  assert.deepEqual([...regularize(single, { stepMs: 10 }).value], [1]);
});

Deno.test("regularize() rejects what is no series", () => {
  assert.throws(() => regularize(observationsOf([])), {
    name: "RangeError",
    message:
      "Cannot regularize observations: value is empty, expected at least one value",
  });
  assert.throws(() => regularize(observationsOf([[0, 1], [1, NaN]])), {
    message:
      "Cannot regularize observations: value[1] is NaN, expected a finite number",
  });
  assert.throws(() => regularize(observationsOf([[5, 1], [4, 1]])), {
    message:
      "Cannot regularize observations: timestampMs[1] is 4, expected at least 5, the one before it",
  });
});

Deno.test("regularize() rejects a step that makes too many", () => {
  assert.throws(
    () => regularize(observationsOf([[0, 1], [1e12, 1]]), { stepMs: 1 }),
    {
      name: "RangeError",
      message:
        "Cannot regularize observations: a step of 1 ms makes 1000000000001 steps, expected at most 10000000",
    },
  );
  // One pair close together makes the median 1 of differences 1, 1, 1e9.
  assert.throws(
    () => regularize(observationsOf([[0, 1], [1, 1], [2, 1], [1e9, 1]])),
    RangeError,
  );
});

Deno.test("parseDurationMs() reads each unit", () => {
  const texts = ["250ms", "90s", "5m", "1.5h", "2d"];
  assert.deepEqual(
    texts.map(parseDurationMs),
    [250, 90_000, 300_000, 5_400_000, 172_800_000],
  );
});

Deno.test("parseDurationMs() rejects what is no length of time", () => {
  for (const text of ["", "5", "m", "-5m", "5 m", "5M", "1e3s", "5m5s"]) {
    assert.throws(() => parseDurationMs(text), {
      name: "SyntaxError",
      message:
        `Cannot parse duration: got "${text}", expected a number with ms, s, m, h or d, such as 5m`,
    });
  }
  assert.throws(() => parseDurationMs("0m"), {
    name: "RangeError",
    message: 'Cannot parse duration: "0m" is 0 ms, expected 1 to 2^53 - 1',
  });
});

Deno.test("formatDuration() takes the largest unit that divides", () => {
  assert.deepEqual(
    [1, 1000, 90_000, 300_000, 5_400_000, HOUR, 36 * HOUR, 48 * HOUR, 0, 0.5]
      .map(formatDuration),
    ["1ms", "1s", "90s", "5m", "90m", "1h", "36h", "2d", "0ms", "0.5ms"],
  );
});

Deno.test("parseDurationMs() reads what formatDuration() writes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.constantFrom(1, 1000, MINUTE, HOUR),
      (count, unitMs) =>
        parseDurationMs(formatDuration(count * unitMs)) === count * unitMs,
    ),
    { seed: 3 },
  );
});
