import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { formatIncidents, formatRequestLog } from "lib/logs/format_csv.ts";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";

const TINY: RequestLog = {
  timestampMs: Float64Array.of(0, 1_767_571_200_042),
  method: categoriesOf(["GET", "POST"]),
  endpoint: categoriesOf(["/a", '/b,"c"']),
  statusCode: Uint16Array.of(200, 503),
  sizeBytes: Float64Array.of(0, 12_345),
  responseTimeMs: Float64Array.of(0.14, 30_000),
  sourceRow: Uint32Array.of(0, 1),
};

Deno.test("formatRequestLog() writes six columns and quotes", () => {
  assert.equal(
    formatRequestLog(TINY),
    "timestamp,method,endpoint,status_code,size,response_time\n" +
      "1970-01-01T00:00:00.000Z,GET,/a,200,0,0.1\n" +
      '2026-01-05T00:00:00.042Z,POST,"/b,""c""",503,12345,30000.0\n',
  );
});

Deno.test("formatRequestLog() needs response times", () => {
  const { responseTimeMs: _, ...log } = TINY;
  assert.throws(() => formatRequestLog(log), {
    name: "TypeError",
    message:
      "Cannot format a request log: the log has no response times, expected responseTimeMs",
  });
});

Deno.test("formatRequestLog() loses nothing of a generated log", () => {
  const { log } = generateLog({ rows: 5000, days: 14, seed: 3 });
  const rows: string[][] = parse(formatRequestLog(log), { from: 2 });
  const column = (j: number) => rows.map((row) => row[j]);
  assert.deepEqual(
    Float64Array.from(column(0), (text) => Date.parse(text)),
    log.timestampMs,
  );
  assert.deepEqual(categoriesOf(column(1)), log.method);
  assert.deepEqual(categoriesOf(column(2)), log.endpoint);
  assert.deepEqual(Uint16Array.from(column(3), Number), log.statusCode);
  assert.deepEqual(Float64Array.from(column(4), Number), log.sizeBytes);
  assert.deepEqual(Float64Array.from(column(5), Number), log.responseTimeMs);
});

Deno.test("formatIncidents() leaves empty what is not there", () => {
  const known = { startMs: 60_000, endMs: 120_000, factor: 2.05 } as const;
  assert.equal(
    formatIncidents([
      { ...known, kind: "timeout", endpoint: "" },
      {
        ...known,
        kind: "slow_endpoint",
        endpoint: "/api/cart",
        precursorStartMs: 0,
      },
    ]),
    "start,end,kind,endpoint,factor,precursor_start\n" +
      "1970-01-01T00:01:00.000Z,1970-01-01T00:02:00.000Z,timeout,,2.05,\n" +
      "1970-01-01T00:01:00.000Z,1970-01-01T00:02:00.000Z,slow_endpoint,/api/cart,2.05,1970-01-01T00:00:00.000Z\n",
  );
});
