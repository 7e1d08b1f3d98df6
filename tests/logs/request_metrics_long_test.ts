import assert from "node:assert/strict";
import { RequestMetrics } from "lib/logs/request_metrics.ts";

const MINUTE = 60_000;
const MOST_CELLS = 1_000_000;

/** Requests to one endpoint, one a minute. */
function requests(count: number, timeOf: (row: number) => number) {
  return {
    endpoint: { codes: new Uint32Array(count), names: ["/a"] },
    timestampMs: Float64Array.from({ length: count }, (_, i) => i * MINUTE),
    statusCode: new Uint16Array(count).fill(200),
    responseTimeMs: Float64Array.from({ length: count }, (_, i) => timeOf(i)),
  };
}

Deno.test("RequestMetrics refuses more than a million buckets", () => {
  const metrics = new RequestMetrics({ bucketMs: MINUTE });
  metrics.add(requests(MOST_CELLS, () => 1));
  assert.throws(() => metrics.add(requests(MOST_CELLS + 1, () => 1)), {
    name: "RangeError",
    message:
      "Cannot measure requests: more than 1000000 buckets of 60 s hold requests, each endpoint's counted for itself, expected fewer; take longer buckets",
  });
});

Deno.test("RequestMetrics becomes coarser where values are wide, and says how much", () => {
  // Each bucket holds 1e-6 and 1e150: 18,000 bins at an error of 1 in 100, of
  // which the room holds 3,700 times.
  const count = 10_000;
  const metrics = new RequestMetrics({ bucketMs: MINUTE });
  metrics.add(requests(count, () => 1e-6));
  assert.equal(metrics.relativeError, 0.01);
  metrics.add(requests(count, () => 1e150));
  const error = metrics.relativeError;
  // Twice or four times the error, or little less: 2 e / (1 + e^2).
  assert(error > 0.019 && error < 0.04, `${error}`);
  metrics.add(requests(count, () => 30));
  for (const { count, p50 } of metrics.rows()) {
    assert.equal(count, 3);
    assert(Math.abs(p50 - 30) <= error * 30);
  }
});
