import assert from "node:assert/strict";
import { describeReport, type ReadReport } from "lib/logs/readers/mod.ts";

const REPORT: ReadReport = {
  file: "a.csv",
  format: "requests-csv",
  rowsRead: 49_996,
  rowsRejected: 0,
  rejections: [],
  rowsIgnored: 0,
  ignored: [],
  emptyLines: 0,
  notes: [],
  duplicatesDropped: 0,
  rowsOutOfOrder: 0,
  sorted: false,
  span: { startMs: 0, endMs: 1500 },
};

Deno.test("describeReport() says only what was read if nothing else happened", () => {
  assert.deepEqual(describeReport(REPORT), [
    "read 49,996 rows of a.csv as requests-csv, 1970-01-01T00:00:00Z to 1970-01-01T00:00:01.500Z",
  ]);
});

Deno.test("describeReport() says what was sorted, dropped and skipped", () => {
  const lines = describeReport({
    ...REPORT,
    rowsRejected: 5,
    duplicatesDropped: 1,
    rowsOutOfOrder: 1204,
    sorted: true,
    rejections: [
      {
        reason: "response_time is not milliseconds >= 0",
        count: 4,
        examples: [
          { line: 17, column: "response_time", value: "abc\n" },
          { line: 18, column: "response_time", value: "-1" },
        ],
      },
      {
        reason: "wrong number of fields",
        count: 1,
        examples: [{ line: 9, value: "the line has 5 fields, expected 6" }],
      },
    ],
  });
  assert.deepEqual(lines.slice(1), [
    "1,204 rows were out of time order and were sorted",
    "dropped 1 duplicate row",
    'skipped 5 of 50,002 rows: 4 × response_time is not milliseconds >= 0 (line 17: "abc\\n", line 18: "-1", …), 1 × wrong number of fields (line 9: the line has 5 fields, expected 6)',
  ]);
  assert.deepEqual(
    describeReport({
      ...REPORT,
      notes: ["times are guessed"],
      rowsIgnored: 4,
      ignored: [{
        reason: "not an API request",
        count: 4,
        examples: [{ line: 7, value: '"boot"' }],
      }],
    }).slice(1),
    [
      "times are guessed",
      'left out 4 of 50,000 rows: 4 × not an API request (line 7: "boot", …)',
    ],
  );
  assert.equal(
    describeReport({ ...REPORT, rowsOutOfOrder: 1, sorted: true })[1],
    "1 row was out of time order and was sorted",
  );
  assert.equal(
    describeReport({ ...REPORT, rowsOutOfOrder: 2 })[1],
    "2 rows were out of time order; each part was sorted by itself",
  );
});
