import assert from "node:assert/strict";
import fc from "fast-check";
import { categoriesOf, selectRequests } from "lib/logs/request_log.ts";
import {
  type MeasuredRequests,
  RequestMetrics,
} from "lib/logs/request_metrics.ts";
import { type Metric, METRICS, metricSeries } from "lib/logs/series.ts";
import { generateLog } from "lib/logs/synthetic.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ERROR = 0.01;
const { log } = generateLog({ rows: 4000, days: 2, seed: 3 });

/** Requests of some columns; the rest of a log is not looked at. */
function requestsOf(
  rows: readonly (readonly [
    timestampMs: number,
    endpoint: string,
    status: number,
    ms?: number,
  ])[],
): MeasuredRequests {
  const requests = {
    timestampMs: Float64Array.from(rows, ([time]) => time),
    endpoint: categoriesOf(rows.map(([, endpoint]) => endpoint)),
    statusCode: Uint16Array.from(rows, ([, , status]) => status),
  };
  return rows.some(([, , , ms]) => ms === undefined) ? requests : {
    ...requests,
    responseTimeMs: Float64Array.from(rows, ([, , , ms]) => ms ?? NaN),
  };
}

function measured(...parts: MeasuredRequests[]): RequestMetrics {
  const metrics = new RequestMetrics({ bucketMs: HOUR });
  for (const part of parts) metrics.add(part);
  return metrics;
}

/** All that metrics tell, endpoints by name. */
function toldBy(metrics: RequestMetrics): unknown {
  const endpoints = metrics.endpoints.toSorted();
  return {
    endpoints,
    rows: metrics.rows(),
    requests: metrics.requests,
    span: metrics.span,
    series: METRICS.flatMap((metric) =>
      [undefined, ...endpoints].map((endpoint) =>
        metrics.series(metric, endpoint)
      )
    ),
  };
}

Deno.test("RequestMetrics: counts, errors and quantiles by hand", () => {
  const metrics = measured(requestsOf([
    [0, "/b", 200, 8],
    [HOUR - 1, "/a", 500, 10],
    [HOUR - 1, "/a", 499, 20],
    [2 * HOUR, "/b", 599, 0],
  ]));
  const near = (value: number, expected: number) =>
    assert(Math.abs(value - expected) <= ERROR * expected, `${value}`);
  const rows = metrics.rows();
  assert.deepEqual(
    rows.map(({ timestampMs, endpoint, count, errorRate }) => [
      timestampMs,
      endpoint,
      count,
      errorRate,
    ]),
    [[0, "/a", 2, 0.5], [0, "/b", 1, 0], [2 * HOUR, "/b", 1, 1]],
  );
  // Type 7: half way and 95 hundredths of the way from 10 to 20.
  near(rows[0].p50, 15);
  near(rows[0].p95, 19.5);
  near(rows[0].p99, 19.9);
  assert.deepEqual(metrics.endpoints, ["/b", "/a"]);
  assert.deepEqual(metrics.span, { startMs: 0, endMs: 2 * HOUR });
  assert.equal(metrics.requests, 4);
  const count = metrics.series("count");
  assert.deepEqual([...count.value], [3, 0, 1]);
  assert.deepEqual([...count.observed], [1, 1, 1]);
  const errorRate = metrics.series("error_rate");
  assert.deepEqual([...errorRate.value], [1 / 3, 1 / 3, 1]);
  assert.deepEqual([...errorRate.observed], [1, 0, 1]);
  assert.deepEqual([...metrics.series("count", "/a").value], [2]);
});

Deno.test("RequestMetrics agrees with metricSeries(), for all and per endpoint", () => {
  for (const bucketMs of [HOUR, 7 * MINUTE]) {
    const metrics = new RequestMetrics({ bucketMs, relativeError: ERROR });
    metrics.add(log);
    for (const endpoint of [undefined, ...log.endpoint.names]) {
      for (const metric of METRICS) {
        const series = metrics.series(metric, endpoint);
        const exact = metricSeries(log, { metric, bucketMs, endpoint });
        assert.deepEqual(series.timestampMs, exact.timestampMs);
        assert.equal(series.stepMs, exact.stepMs);
        assert.deepEqual(series.observed, exact.observed);
        if (metric === "count" || metric === "error_rate") {
          assert.deepEqual(series.value, exact.value);
          continue;
        }
        series.value.forEach((value, i) => {
          const bound = (ERROR + 1e-9) * exact.value[i];
          assert(Math.abs(value - exact.value[i]) <= bound, metric);
        });
      }
    }
  }
});

Deno.test("RequestMetrics: the order of rows and their parts make no difference", () => {
  const { log } = generateLog({ rows: 300, days: 1, seed: 4 });
  const expected = toldBy(measured(log));
  const order = fc.shuffledSubarray(
    Array.from({ length: 300 }, (_, row) => row),
    { minLength: 300 },
  );
  const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 5 });
  fc.assert(
    fc.property(order, cuts, (order, cuts) => {
      const ends = [0, ...cuts.toSorted((a, b) => a - b), 300];
      const parts = ends.slice(1).map((end, k) =>
        selectRequests(log, Uint32Array.from(order.slice(ends[k], end)))
      );
      assert.deepEqual(toldBy(measured(...parts)), expected);
    }),
    { seed: 41, numRuns: 30 },
  );
});

Deno.test("RequestMetrics: buckets before 1970 start at multiples of their length", () => {
  const metrics = measured(requestsOf([[-1, "/a", 200, 1]]));
  assert.equal(metrics.rows()[0].timestampMs, -HOUR);
});

Deno.test("RequestMetrics: a log without response times has no quantiles", () => {
  const metrics = measured(requestsOf([[0, "/a", 200]]));
  assert.equal(metrics.hasResponseTimes, false);
  assert.equal(metrics.rows()[0].p50, NaN);
  assert.deepEqual([...metrics.series("count").value], [1]);
  assert.throws(() => metrics.series("p50"), {
    name: "TypeError",
    message:
      "Cannot make a metric series: the log has no response times, expected them for p50",
  });
});

Deno.test("RequestMetrics refuses what it cannot measure", () => {
  const metrics = measured(requestsOf([[0, "/a", 200, 1]]));
  assert.throws(() => metrics.series("count", "/b"), {
    name: "RangeError",
    message:
      'Cannot make a metric series: the log has 0 requests to "/b", expected at least 1',
  });
  assert.throws(() => measured().series("count"), { name: "RangeError" });
  assert.throws(() => metrics.series("mean" as Metric), {
    name: "RangeError",
    message:
      'Cannot make a metric series: metric is "mean", expected p50, p95, p99, count or error_rate',
  });
  for (const bucketMs of [0, 0.5, NaN, Infinity]) {
    assert.throws(() => new RequestMetrics({ bucketMs }), {
      name: "RangeError",
      message: /^Cannot measure requests: bucketMs is /,
    });
  }
  // Finer bins than there are numbers for.
  const fine = new RequestMetrics({ bucketMs: HOUR, relativeError: 1e-12 });
  fine.add(requestsOf([[0, "/a", 200, 1e150]]));
  assert.equal(fine.relativeError, 1e-6);
  assert(Math.abs(fine.rows()[0].p50 / 1e150 - 1) <= 1e-6);
  // 1970 to 9999 in minutes are 4 billion buckets.
  const wide = new RequestMetrics({ bucketMs: MINUTE });
  wide.add(requestsOf([[0, "/a", 200, 1], [Date.UTC(9999, 0), "/a", 200, 1]]));
  assert.equal(wide.rows().length, 2);
  assert.throws(() => wide.series("count"), { name: "RangeError" });
});
