import assert from "node:assert/strict";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";
import { PRIOR_REQUESTS, UsualService } from "lib/logs/slowness.ts";
import { generateLog } from "lib/logs/synthetic.ts";

/** One request a minute, all alike but what is given. */
function logOf(times: number[], statuses: number[] = []): RequestLog {
  return {
    timestampMs: Float64Array.from(times, (_, i) => i * 60_000),
    method: categoriesOf(times.map(() => "GET")),
    endpoint: categoriesOf(times.map(() => "/a")),
    statusCode: Uint16Array.from(times, (_, i) => statuses[i] ?? 200),
    sizeBytes: new Float64Array(times.length),
    responseTimeMs: Float64Array.from(times),
    sourceRow: Uint32Array.from(times, (_, i) => i),
  };
}

Deno.test("UsualService draws a bucket's slowness to the usual, by hand", () => {
  // Ten usual requests, then a bucket of five of twice the time.
  const log = logOf([...Array(10).fill(100), ...Array(5).fill(200)]);
  const usual = UsualService.fit(log, { trainEndMs: 600_000 });
  const { logSlowness, count } = usual.transform(log);
  assert.deepEqual([...count.value], [5, 5, 5]);
  assert.ok(Math.abs(logSlowness.value[1]) < 1e-12);
  const expected = 5 * Math.log(2) / (5 + PRIOR_REQUESTS);
  assert.ok(Math.abs(logSlowness.value[2] - expected) < 1e-12);
});

Deno.test("UsualService draws the error rate to the usual one, by hand", () => {
  // One of ten fails in training, all five afterwards.
  const statuses = [500, ...Array(9).fill(200), ...Array(5).fill(503)];
  const log = logOf(Array(15).fill(100), statuses);
  const usual = UsualService.fit(log, { trainEndMs: 600_000 });
  const { errorRate } = usual.transform(log);
  assert.ok(Math.abs(errorRate.value[2] - (5 + 4 * 0.1) / 9) < 1e-12);
});

Deno.test("UsualService is causal, and gives each endpoint the same steps", () => {
  const { log } = generateLog({ rows: 2000, days: 2 });
  const changed = generateLog({ rows: 2000, days: 2 }).log;
  changed.responseTimeMs!.fill(9999, 1500);
  const trainEndMs = log.timestampMs[1000];
  const measure = (own: RequestLog, endpoint?: string) =>
    UsualService.fit(own, { trainEndMs }).transform(own, { endpoint })
      .logSlowness;
  const { value, timestampMs } = measure(log);
  const steps =
    timestampMs.filter((at) => at + 300_000 <= log.timestampMs[1500]).length;
  assert.deepEqual(
    measure(changed).value.subarray(0, steps),
    value.subarray(0, steps),
  );
  const one = measure(log, log.endpoint.names[0]);
  assert.deepEqual(one.timestampMs, timestampMs);
  // Where an endpoint was not asked for, it is as usual.
  one.observed.forEach((seen, i) => seen || assert.equal(one.value[i], 0));
});

Deno.test("UsualService refuses a log without response times or training rows", () => {
  const { responseTimeMs: _, ...untimed } = logOf([1, 2]);
  assert.throws(() => UsualService.fit(untimed), TypeError);
  assert.throws(
    () => UsualService.fit(logOf([1, 2]), { trainEndMs: 0 }),
    RangeError,
  );
});
