import assert from "node:assert/strict";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";
import { LEAST_REQUESTS, UsualRequests } from "lib/logs/request_slowness.ts";
import { generateLog } from "lib/logs/synthetic.ts";

/** Requests a minute apart. */
function logOf(
  rows: { endpoint?: string; status?: number; ms: number }[],
): RequestLog {
  return {
    timestampMs: Float64Array.from(rows, (_, i) => i * 60_000),
    method: categoriesOf(rows.map(() => "GET")),
    endpoint: categoriesOf(rows.map(({ endpoint = "/a" }) => endpoint)),
    statusCode: Uint16Array.from(rows, ({ status = 200 }) => status),
    sizeBytes: new Float64Array(rows.length),
    responseTimeMs: Float64Array.from(rows, ({ ms }) => ms),
    sourceRow: Uint32Array.from(rows, (_, i) => i),
  };
}

Deno.test("UsualRequests measures each request by its own kind", () => {
  const rows = Array.from({ length: 4 * LEAST_REQUESTS }, (_, i) =>
    [
      { ms: 100 },
      { ms: 10, status: 304 },
      { ms: 1000, endpoint: "/slow" },
      { ms: 1000, endpoint: "/slow" },
    ][i % 4]);
  const log = logOf([...rows, { ms: 20, status: 304 }]);
  const usual = UsualRequests.fit(log, { trainRows: rows.length });
  const { logSlowness, spread } = usual.transform(log);
  // All are at their median but the last, which takes twice as long.
  logSlowness.subarray(0, rows.length).forEach((value) =>
    assert.ok(Math.abs(value) < 1e-9)
  );
  assert.ok(Math.abs(logSlowness[rows.length] - Math.log(2)) < 1e-9);
  assert.ok(spread.every((value) => value > 0));
});

Deno.test("UsualRequests takes a rare status as its route, a new route as all", () => {
  const rows = Array.from({ length: LEAST_REQUESTS }, () => ({ ms: 100 }));
  const log = logOf([
    ...rows,
    { ms: 100, status: 404 },
    { ms: 200, endpoint: "/new" },
  ]);
  const usual = UsualRequests.fit(log, { trainRows: rows.length });
  const { logSlowness } = usual.transform(log);
  assert.ok(Math.abs(logSlowness[rows.length]) < 1e-9);
  assert.ok(Math.abs(logSlowness[rows.length + 1] - Math.log(2)) < 1e-9);
});

Deno.test("UsualRequests is causal: later requests change nothing before", () => {
  const { log } = generateLog({ rows: 2000, days: 2 });
  const first = generateLog({ rows: 2000, days: 2 }).log;
  first.responseTimeMs!.fill(9999, 1500);
  const measure = (own: RequestLog) =>
    UsualRequests.fit(own, { trainRows: 1000 }).transform(own).logSlowness;
  assert.deepEqual(
    measure(first).subarray(0, 1500),
    measure(log).subarray(0, 1500),
  );
});

Deno.test("UsualRequests is shifted by a factor alike everywhere", () => {
  const { log } = generateLog({ rows: 2000, days: 2 });
  const slower = {
    ...log,
    responseTimeMs: log.responseTimeMs!.map((time) => 3 * time),
  };
  const usual = UsualRequests.fit(log);
  const before = usual.transform(log).logSlowness;
  usual.transform(slower).logSlowness.forEach((value, row) =>
    assert.ok(Math.abs(value - before[row] - Math.log(3)) < 1e-9)
  );
});

Deno.test("UsualRequests refuses a log without response times or rows", () => {
  const log = logOf([{ ms: 1 }]);
  const { responseTimeMs: _, ...untimed } = log;
  assert.throws(() => UsualRequests.fit(untimed), TypeError);
  assert.throws(() => UsualRequests.fit(log, { trainRows: 2 }), RangeError);
  assert.throws(() => UsualRequests.fit(log, { trainRows: 0 }), RangeError);
});
