import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { requestLogFromFrame, requestLogToFrame } from "lib/logs/frame.ts";
import { parseRequestLog } from "lib/logs/readers/mod.ts";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";

const LOG: RequestLog = {
  timestampMs: Float64Array.of(-1, 0, 1_735_689_600_123),
  method: categoriesOf(["GET", "POST", "GET"]),
  endpoint: categoriesOf(["/b", '/ä,"', "/b"]),
  statusCode: Uint16Array.of(100, 404, 599),
  sizeBytes: Float64Array.of(0, 5_000_000_000, Number.MAX_SAFE_INTEGER),
  responseTimeMs: Float64Array.of(0, 0.1, 1e21),
  sourceRow: Uint32Array.of(0, 1, 2),
};

function frameWith(column: string, values: unknown[]): pl.DataFrame {
  const columns: Record<string, unknown[]> = {
    timestamp: ["1000", "500"],
    method: ["GET", "GET"],
    endpoint: ["/a", "/b"],
    status_code: [200, 200],
    size: [1, 2],
    response_time: [1, 2],
    [column]: values,
  };
  return pl.DataFrame(columns);
}

Deno.test("requestLogToFrame() makes six columns of the schema's kinds", () => {
  const frame = requestLogToFrame(LOG);
  assert.deepEqual(frame.columns, [
    "timestamp",
    "method",
    "endpoint",
    "status_code",
    "size",
    "response_time",
  ]);
  assert.match(frame.toString(), /datetime\[ms\]/);
  assert.deepEqual(
    frame.getColumn("timestamp").toArray().map(Number),
    [-1, 0, 1_735_689_600_123],
  );
  assert.deepEqual(frame.getColumn("method").toArray(), ["GET", "POST", "GET"]);
  assert.deepEqual(frame.getColumn("status_code").toArray(), [100, 404, 599]);
});

Deno.test("requestLogToFrame() leaves out response times that a log has not", () => {
  const { responseTimeMs: _, ...log } = LOG;
  assert.equal(requestLogToFrame(log).columns.includes("response_time"), false);
});

Deno.test("requestLogFromFrame() inverts requestLogToFrame()", () => {
  assert.deepEqual(requestLogFromFrame(requestLogToFrame(LOG)), LOG);
});

Deno.test("requestLogFromFrame() reads a log that came from a CSV alike", () => {
  const { log } = parseRequestLog(
    "timestamp,method,endpoint,status_code,size,response_time\n" +
      "2025-01-01,GET,/a,200,1,0.1\n2025-01-02,PUT,/b,201,2,0.2\n",
  );
  assert.deepEqual(requestLogFromFrame(requestLogToFrame(log)), log);
});

Deno.test("requestLogFromFrame() sorts by time and keeps the row of the frame", () => {
  const log = requestLogFromFrame(frameWith("size", [7, 8]), { unit: "s" });
  assert.deepEqual([...log.timestampMs], [500_000, 1_000_000]);
  assert.deepEqual([...log.sourceRow], [1, 0]);
  assert.deepEqual([...log.sizeBytes], [8, 7]);
  assert.deepEqual([...log.responseTimeMs ?? []], [2000, 1000]);
});

Deno.test("requestLogFromFrame() reads datetimes of any precision", () => {
  const frame = requestLogToFrame(LOG).withColumns(
    pl.col("timestamp").cast(pl.Datetime("us")),
  );
  assert.deepEqual(requestLogFromFrame(frame).timestampMs, LOG.timestampMs);
});

Deno.test("requestLogFromFrame() rejects bad cells by the rules of the readers", () => {
  for (
    const [column, values, shown, expected] of [
      ["size", [1, null], "", "whole bytes >= 0"],
      ["size", [1, 0.5], "0.5", "whole bytes >= 0"],
      ["status_code", [200, 9999], "9999", "an HTTP status from 100 to 599"],
      ["response_time", [1, NaN], "NaN", "milliseconds >= 0"],
      ["endpoint", ["/a", ""], "", "a text in UTF-8 that is not empty"],
    ] as const
  ) {
    assert.throws(
      () => requestLogFromFrame(frameWith(column, [...values])),
      {
        name: "SyntaxError",
        message:
          `Cannot read data frame at row 2: ${column} is "${shown}", expected ${expected}`,
      },
    );
  }
});

Deno.test("requestLogFromFrame() rejects a frame without rows or a column", () => {
  assert.throws(
    () => requestLogFromFrame(requestLogToFrame(LOG).drop("size")),
    {
      name: "SyntaxError",
      message:
        "Cannot read data frame: size missing from its columns timestamp, method, endpoint, status_code, response_time",
    },
  );
  assert.throws(() => requestLogFromFrame(requestLogToFrame(LOG).head(0)), {
    name: "SyntaxError",
    message: "Cannot read data frame: expected at least one row",
  });
});
