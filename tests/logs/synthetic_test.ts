import assert from "node:assert/strict";
import fc from "fast-check";
import type { RequestLog } from "lib/logs/request_log.ts";
import { metricSeries } from "lib/logs/series.ts";
import {
  generateLog,
  type IncidentKind,
  isDecoy,
  type KnownIncident,
  type SyntheticOptions,
  TIMEOUT_MS,
} from "lib/logs/synthetic.ts";
import { mean, median } from "lib/numeric/statistics.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY_MS = Date.UTC(2026, 0, 5);

// About 25 requests a minute, so that the shortest incident holds a hundred.
const BUSY = { rows: 500_000, days: 14, seed: 5 };
const busy = generateLog(BUSY);
const twin = generateLog({ ...BUSY, incidentCount: 0 });
const clean = generateLog({ incidentCount: 0 });

function timesOf(log: RequestLog): Float64Array {
  assert.ok(log.responseTimeMs);
  return log.responseTimeMs;
}

function incidentsOf(kind: IncidentKind): readonly KnownIncident[] {
  const found = busy.incidents.filter((known) => known.kind === kind);
  assert.equal(found.length, 2);
  return found;
}

/** Rows of the busy log from a time to another. */
function rowsBetween(fromMs: number, toMs: number): number[] {
  const rows: number[] = [];
  busy.log.timestampMs.forEach((timeMs, row) => {
    if (timeMs >= fromMs && timeMs < toMs) rows.push(row);
  });
  assert.ok(rows.length >= 10, `${rows.length} rows`);
  return rows;
}

/** How much longer a request takes than in the log without incidents. */
function slowdown(row: number): number {
  return timesOf(busy.log)[row] / timesOf(twin.log)[row];
}

/** The middle of what requests in a part of an incident are slowed by. */
function medianSlowdown(fromMs: number, toMs: number): number {
  return median(Float64Array.from(rowsBetween(fromMs, toMs), slowdown));
}

/** Asserts that `found` of `count` is within 4.5 standard errors of a share. */
function assertShare(found: number, count: number, share: number): void {
  const error = Math.sqrt(share * (1 - share) / count);
  assert.ok(
    Math.abs(found / count - share) < 4.5 * error,
    `${found} of ${count}, expected a share of ${share} ± ${error}`,
  );
}

function correlation(x: Float64Array, y: Float64Array): number {
  const [meanX, meanY] = [mean(x), mean(y)];
  const sum = (of: (i: number) => number) =>
    x.reduce((total, _, i) => total + of(i), 0);
  return sum((i) => (x[i] - meanX) * (y[i] - meanY)) /
    Math.sqrt(
      sum((i) => (x[i] - meanX) ** 2) * sum((i) => (y[i] - meanY) ** 2),
    );
}

Deno.test("generateLog() gives the same log for the same seed", () => {
  const options = { rows: 2000, days: 7, seed: 11 };
  assert.deepEqual(generateLog(options), generateLog(options));
  const other = generateLog({ ...options, seed: 12 });
  assert.notDeepEqual(generateLog(options).log, other.log);
  assert.notDeepEqual(generateLog(options).incidents, other.incidents);
});

Deno.test("generateLog() fills two weeks with 50,000 requests", () => {
  const { log, incidents } = generateLog();
  const { timestampMs } = log;
  assert.equal(timestampMs.length, 50_000);
  assert.ok(timestampMs.every((t, i) => i === 0 || t >= timestampMs[i - 1]));
  // The quietest hour has some 30 requests: the ends are reached.
  assert.ok(timestampMs[0] >= MONDAY_MS && timestampMs[0] < MONDAY_MS + HOUR);
  const last = timestampMs[49_999];
  assert.ok(last < MONDAY_MS + 14 * DAY && last > MONDAY_MS + 14 * DAY - HOUR);
  assert.equal(incidents.filter((known) => !isDecoy(known)).length, 12);
  assert.equal(incidents.filter(isDecoy).length, 2);
});

Deno.test("generateLog() draws incidents in proportion to the days", () => {
  const { incidents } = generateLog({ rows: 1, days: 56 });
  assert.equal(incidents.filter((known) => !isDecoy(known)).length, 48);
  assert.equal(incidents.filter(isDecoy).length, 10);
  assert.deepEqual(generateLog({ rows: 1, incidentCount: 0 }).incidents, []);
});

Deno.test("generateLog() holds only whole and possible values", () => {
  const statuses = new Set(
    [200, 201, 204, 304, 400, 401, 404, 500, 502, 503, 504],
  );
  fc.assert(
    fc.property(
      fc.record({
        rows: fc.integer({ min: 1, max: 500 }),
        days: fc.double({ min: 0.01, max: 100, noNaN: true }),
        seed: fc.maxSafeNat(),
        startMs: fc.integer({ min: 0, max: 4e12 }),
      }),
      (options: SyntheticOptions) => {
        const { log } = generateLog(options);
        const times = timesOf(log);
        assert.equal(log.timestampMs.length, options.rows);
        assert.ok(log.timestampMs.every(Number.isInteger));
        assert.ok(
          log.sizeBytes.every((size) => Number.isInteger(size) && size >= 0),
        );
        assert.ok(log.statusCode.every((status) => statuses.has(status)));
        assert.ok(times.every((time) => time > 0 && time <= 30_015));
        assert.ok(times.every((time) => time === Number(time.toFixed(1))));
        assert.ok(
          times.every((time, row) =>
            (time >= TIMEOUT_MS) === (log.statusCode[row] === 504)
          ),
        );
      },
    ),
    { seed: 4, numRuns: 50 },
  );
});

Deno.test("generateLog() looks like an API that is mostly well", () => {
  const sorted = timesOf(clean.log).slice().sort();
  assert.ok(sorted[25_000] > 80 && sorted[25_000] < 150);
  assert.ok(sorted[49_500] > 1000 && sorted[49_500] < 2000);
  const errors = clean.log.statusCode.filter((status) => status >= 500).length;
  assert.ok(errors > 25 && errors < 200, `${errors}`);
});

Deno.test("generateLog() is the same but where an incident is", () => {
  assert.deepEqual(busy.log.timestampMs, twin.log.timestampMs);
  assert.deepEqual(busy.log.method, twin.log.method);
  assert.deepEqual(busy.log.endpoint, twin.log.endpoint);
  let changed = 0;
  for (let row = 0; row < BUSY.rows; row++) {
    const isSame = busy.log.statusCode[row] === twin.log.statusCode[row] &&
      busy.log.sizeBytes[row] === twin.log.sizeBytes[row] &&
      slowdown(row) === 1;
    if (isSame) continue;
    changed++;
    const timeMs = busy.log.timestampMs[row];
    assert.ok(
      busy.incidents.some(({ startMs, endMs, precursorStartMs }) =>
        timeMs >= (precursorStartMs ?? startMs) && timeMs < endMs
      ),
    );
  }
  assert.ok(changed > 1000, `${changed}`);
});

Deno.test("generateLog() slows a level shift by its factor", () => {
  for (const { startMs, endMs, factor } of incidentsOf("level_shift")) {
    const found = medianSlowdown(startMs, endMs);
    assert.ok(Math.abs(Math.log(found / factor)) < 1e-3, `${found}, ${factor}`);
  }
});

Deno.test("generateLog() ends a ramp at its factor", () => {
  for (const { startMs, endMs, factor } of incidentsOf("ramp_spike")) {
    const found = medianSlowdown(endMs - (endMs - startMs) / 3, endMs);
    assert.ok(Math.abs(Math.log(found / factor)) < 1e-3, `${found}, ${factor}`);
  }
});

Deno.test("generateLog() has precursors and decoys rise alike", () => {
  const ramps = busy.incidents.flatMap((known) => {
    const { startMs, endMs, factor, precursorStartMs, endpoint } = known;
    if (isDecoy(known)) return [{ fromMs: startMs, toMs: endMs, factor }];
    return precursorStartMs !== undefined && endpoint === ""
      ? [{ fromMs: precursorStartMs, toMs: startMs, factor }]
      : [];
  });
  assert.ok(ramps.length >= 2 + 4);
  for (const { fromMs, toMs, factor } of ramps) {
    // In the last fifth the log slowdown goes from 0.4 to 0.5 log factor.
    const found = medianSlowdown(toMs - (toMs - fromMs) / 5, toMs);
    const part = Math.log(found) / Math.log(factor);
    assert.ok(part > 0.42 && part < 0.48, `${part}`);
  }
});

Deno.test("generateLog() slows one endpoint alone", () => {
  const { codes, names } = busy.log.endpoint;
  for (const known of incidentsOf("slow_endpoint")) {
    for (const row of rowsBetween(known.startMs, known.endMs)) {
      const isHit = names[codes[row]] === known.endpoint;
      const isTimeout = busy.log.statusCode[row] === 504;
      const error = slowdown(row) / (isHit ? known.factor : 1) - 1;
      // Rounding to 0.1 ms moves 10 ms by 0.5 %.
      assert.ok(isTimeout || Math.abs(error) < 0.02, `${error}`);
    }
  }
});

Deno.test("generateLog() fails a share of (factor - 1) / 10 in a burst", () => {
  for (const { startMs, endMs, factor } of incidentsOf("error_burst")) {
    const rows = rowsBetween(startMs, endMs);
    const before = rows.filter((row) => twin.log.statusCode[row] < 500);
    const failed = before.filter((row) => busy.log.statusCode[row] >= 500);
    assertShare(failed.length, before.length, (factor - 1) / 10);
  }
});

Deno.test("generateLog() ends a share at the ceiling in a time-out", () => {
  for (const { startMs, endMs, factor } of incidentsOf("timeout")) {
    const rows = rowsBetween(startMs, endMs);
    const ended = rows.filter((row) => busy.log.statusCode[row] === 504);
    assertShare(ended.length, rows.length, (factor - 1) / 10);
    assert.ok(ended.every((row) => timesOf(busy.log)[row] >= TIMEOUT_MS));
  }
});

Deno.test("generateLog() fails four fifths fast in a fast failure", () => {
  for (const { startMs, endMs, factor } of incidentsOf("fast_failure")) {
    const rows = rowsBetween(startMs, endMs);
    const failed = rows.filter((row) =>
      busy.log.statusCode[row] === 503 && twin.log.statusCode[row] !== 503
    );
    assertShare(failed.length, rows.length, 0.8);
    // Those that were a success before: they take what others do not.
    const ratios = failed.filter((row) =>
      [200, 201, 204].includes(twin.log.statusCode[row])
    ).map((row) => slowdown(row) * factor);
    assert.ok(Math.abs(median(Float64Array.from(ratios)) - 1) < 1e-3);
  }
});

Deno.test("generateLog() is slower the more traffic there is", () => {
  const options = { bucketMs: HOUR };
  const counts = metricSeries(clean.log, { ...options, metric: "count" });
  const times = metricSeries(clean.log, { ...options, metric: "p50" });
  const found = correlation(counts.value, times.value.map(Math.log));
  assert.ok(found > 0.5, `${found}`);
});

Deno.test("generateLog() has quiet nights and weekends", () => {
  const { value } = metricSeries(clean.log, {
    metric: "count",
    bucketMs: HOUR,
  });
  const total = (isPart: (hour: number) => boolean) =>
    value.filter((_, hour) => isPart(hour)).reduce((sum, count) => sum + count);
  const nights = total((hour) => hour % 24 < 6) / 6;
  const days = total((hour) => hour % 24 >= 12 && hour % 24 < 18) / 6;
  assert.ok(days > 2 * nights, `${days}, ${nights}`);
  const weekends = total((hour) => hour % 168 >= 120) / 2;
  assert.ok(weekends < 0.8 * total((hour) => hour % 168 < 120) / 5);
});

Deno.test("generateLog() has response times that can be forecast", () => {
  const { value } = metricSeries(twin.log, { bucketMs: HOUR / 6 });
  const log = value.map(Math.log);
  const daily = 144;
  // Against the same time on the day before, so that no season helps.
  const change = log.slice(daily).map((now, i) => now - log[i]);
  const found = correlation(change.slice(1), change.slice(0, -1));
  assert.ok(found > 0.4, `${found}`);
});

Deno.test("generateLog() rejects options that are out of range", () => {
  const message = (options: SyntheticOptions, expected: string) =>
    assert.throws(() => generateLog(options), {
      name: "RangeError",
      message: `Cannot generate a log: ${expected}`,
    });
  message(
    { rows: 0 },
    "rows is 0, expected an integer >= 1 and <= 20000000",
  );
  message(
    { rows: 1.5 },
    "rows is 1.5, expected an integer >= 1 and <= 20000000",
  );
  message(
    { days: NaN },
    "days is NaN, expected a finite number >= 0.01 and <= 3650",
  );
  message(
    { seed: -1 },
    "seed is -1, expected an integer >= 0 and <= 9007199254740991",
  );
  message(
    { startMs: 0.5 },
    "startMs is 0.5, expected an integer >= 0 and <= 32503679999999",
  );
  message(
    { incidentCount: -1 },
    "incidentCount is -1, expected an integer >= 0 and <= 10000",
  );
  message(
    { decoyCount: 0.5 },
    "decoyCount is 0.5, expected an integer >= 0 and <= 10000",
  );
});

Deno.test("generateLog() rejects more incidents than fit into the days", () => {
  assert.throws(
    () => generateLog({ days: 1, incidentCount: 100 }),
    (error: Error) =>
      error instanceof RangeError &&
      error.message.startsWith(
        "Cannot generate a log: 100 incidents and 20 decoys take ",
      ),
  );
});
