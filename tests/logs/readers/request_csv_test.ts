import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  parseRequestLog,
  readRequestLog,
  type ReadRequestLogOptions,
} from "lib/logs/readers/mod.ts";
import { rowsOf } from "./log_rows.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const HEADER = "timestamp,method,endpoint,status_code,size,response_time";
const GOOD = "2025-01-01 00:00:00,GET,/a,200,10,1.5";
const PLAIN = [
  HEADER,
  "2025-01-01 00:00:02,GET,/a,200,10,1.5",
  "2025-01-01 00:00:01,POST,/b,503,0,2",
  "2025-01-01 00:00:02,GET,/b,404,7,0",
  "",
].join("\n");

function withRow(row: string, header = HEADER): string {
  return `${header}\n${GOOD}\n${row}\n`;
}

function messageOf(input: string, options: ReadRequestLogOptions = {}): string {
  try {
    parseRequestLog(input, { file: "a.csv", ...options });
  } catch (error) {
    assert(error instanceof SyntaxError);
    return error.message;
  }
  return "no error";
}

const T = Date.UTC(2025, 0, 1);
const PLAIN_ROWS = [
  [T + 1000, "POST", "/b", 503, 0, 2, 1],
  [T + 2000, "GET", "/a", 200, 10, 1.5, 0],
  [T + 2000, "GET", "/b", 404, 7, 0, 2],
];

Deno.test("parseRequestLog() reads six columns and sorts them by time, stably", () => {
  const { log, report } = parseRequestLog(PLAIN, { file: "a.csv" });
  assert.deepEqual(rowsOf(log), PLAIN_ROWS);
  assert.deepEqual(log.method.names, ["POST", "GET"]);
  assert.deepEqual(report, {
    file: "a.csv",
    format: "requests-csv",
    rowsRead: 3,
    rowsRejected: 0,
    rejections: [],
    rowsIgnored: 0,
    ignored: [],
    emptyLines: 0,
    notes: [],
    duplicatesDropped: 0,
    rowsOutOfOrder: 1,
    sorted: true,
    span: { startMs: T + 1000, endMs: T + 2000 },
  });
});

Deno.test("parseRequestLog() says that a log in order was not sorted", () => {
  const { report } = parseRequestLog(`${HEADER}\n${GOOD}\n${GOOD}\n`);
  assert.equal(report.sorted, false);
  assert.equal(report.rowsOutOfOrder, 0);
});

Deno.test("parseRequestLog() reads the same log however the text is laid out", () => {
  const quoted = PLAIN.split("\n").map((line) =>
    line && line.split(",").map((cell) => `"${cell}"`).join(",")
  ).join("\n");
  // A lone \r, an empty line or an empty cell goes through the other tokenizer.
  const layouts = {
    crlf: PLAIN.replaceAll("\n", "\r\n"),
    cr: PLAIN.replaceAll("\n", "\r"),
    mixed: PLAIN.replace("\n", "\r\n").replace(/\n$/, "\r"),
    mark: `\ufeff${PLAIN}`,
    markQuoted: `\ufeff${quoted}`,
    blank: `\n\r\n${PLAIN.replaceAll("\n", "\n\n\r\n")}`,
    noEnd: PLAIN.trimEnd(),
    quoted,
    quotedCr: quoted.replaceAll("\n", "\r"),
    padded: PLAIN.replaceAll(",", " ,\t"),
    gzip: gzipSync(PLAIN),
    bytes: new TextEncoder().encode(PLAIN),
  };
  for (const [name, layout] of Object.entries(layouts)) {
    assert.deepEqual(rowsOf(parseRequestLog(layout).log), PLAIN_ROWS, name);
  }
});

Deno.test("parseRequestLog() keeps quotes, commas and newlines inside quoted cells", () => {
  const csv = `${HEADER}\n0,GET,"/a,""b""\n\r\nc",200,1,1\n`;
  for (const text of [csv, csv.replace(/\n$/, "\r")]) {
    assert.deepEqual(parseRequestLog(text).log.endpoint.names, [
      '/a,"b"\n\r\nc',
    ]);
  }
});

Deno.test("parseRequestLog() takes columns in any order, by mapping, and ignores others", () => {
  const csv = ' note ,ms,"S, code",bytes,path,verb,"When"\n' +
    ',250,404,9,/x,PUT,1000\n"",1,200,8,/y,get,2000\n';
  const { log } = parseRequestLog(csv, {
    columns: {
      timestamp: "When",
      method: "verb",
      endpoint: "path",
      status_code: "S, code",
      size: "bytes",
      response_time: "ms",
    },
    unit: "s",
  });
  assert.deepEqual(rowsOf(log), [
    [1_000_000, "PUT", "/x", 404, 9, 250_000, 0],
    [2_000_000, "get", "/y", 200, 8, 1000, 1],
  ]);
});

Deno.test("parseRequestLog() takes times without a zone in the zone given", () => {
  const { log } = parseRequestLog(`${HEADER}\n${GOOD}\n`, {
    timeZone: "America/New_York",
  });
  assert.equal(log.timestampMs[0], Date.UTC(2025, 0, 1, 5));
});

Deno.test("parseRequestLog() says where a bad cell stands and what was expected", () => {
  const cases: [string, string][] = [
    [
      "x,GET,/a,200,1,1",
      'timestamp is "x", expected ISO 8601 or epoch seconds or milliseconds',
    ],
    [
      "2025-02-30,GET,/a,200,1,1",
      'timestamp is "2025-02-30", expected ISO 8601 or epoch seconds or milliseconds',
    ],
    [
      "0, ,/a,200,1,1",
      'method is "", expected a text in UTF-8 that is not empty',
    ],
    [
      "0,GET,,200,1,1",
      'endpoint is "", expected a text in UTF-8 that is not empty',
    ],
    [
      "0,GET,/a,9999,1,1",
      'status_code is "9999", expected an HTTP status from 100 to 599',
    ],
    [
      "0,GET,/a,99,1,1",
      'status_code is "99", expected an HTTP status from 100 to 599',
    ],
    [
      "0,GET,/a,200.0,1,1",
      'status_code is "200.0", expected an HTTP status from 100 to 599',
    ],
    ["0,GET,/a,200,-,1", 'size is "-", expected whole bytes >= 0'],
    ["0,GET,/a,200,-1,1", 'size is "-1", expected whole bytes >= 0'],
    ["0,GET,/a,200,1.5,1", 'size is "1.5", expected whole bytes >= 0'],
    [
      "0,GET,/a,200,1,abc",
      'response_time is "abc", expected milliseconds >= 0',
    ],
    [
      "0,GET,/a,200,1,NaN",
      'response_time is "NaN", expected milliseconds >= 0',
    ],
    [
      "0,GET,/a,200,1,inf",
      'response_time is "inf", expected milliseconds >= 0',
    ],
    ["0,GET,/a,200,1,-3", 'response_time is "-3", expected milliseconds >= 0'],
    [
      "0,GET,/a,200,1,1e999",
      'response_time is "1e999", expected milliseconds >= 0',
    ],
    [
      "0,GET,/a,200,1,0x1F",
      'response_time is "0x1F", expected milliseconds >= 0',
    ],
    ["0,GET,/a,200,1,", 'response_time is "", expected milliseconds >= 0'],
    ["0,GET,/a,200,1", "the line has 5 fields, expected 6"],
    ["0,GET,/a,200,1,1,", "the line has 7 fields, expected 6"],
    ['0,GET,/a"b,200,1,1', "a quote stands inside an unquoted field"],
    ['0,GET,"/a"b,200,1,1', "a closing quote is not followed by a comma"],
    ['0,GET,"/a,200,1,1', "a quoted field is not closed"],
  ];
  for (const [row, expected] of cases) {
    const message = `Cannot read a.csv at line 3: ${expected}`;
    assert.equal(messageOf(withRow(row)), message);
    assert.equal(messageOf(withRow(row).trimEnd()), message);
  }
});

Deno.test("parseRequestLog() counts lines through blank lines and quoted newlines", () => {
  // Lines: 1 and 2 header, 3 blank, 4 to 6 a row, 7 blank, 8 the bad row.
  const csv =
    '"timestamp",method,endpoint,status_code,size,response_time,"a\nb"' +
    '\n\n0,GET,"/a\r\n\n",200,1,1,z\n\n0,GET,/a,200,1,oops,z';
  const expected =
    'Cannot read a.csv at line 8: response_time is "oops", expected milliseconds >= 0';
  assert.equal(messageOf(csv), expected);
  assert.equal(
    messageOf(csv.replaceAll("\n", "\r\n").replaceAll("\r\r", "\r")),
    expected,
  );
});

Deno.test("parseRequestLog() escapes and bounds what it shows", () => {
  const long = `\u001b[31m${"x".repeat(100)}`;
  assert.equal(
    messageOf(withRow(`0,GET,/a,200,1,${long}`)),
    `Cannot read a.csv at line 3: response_time is "\\u001b[31m${
      "x".repeat(55)
    }…", expected milliseconds >= 0`,
  );
});

Deno.test("parseRequestLog() names the unit and the header's name of a column", () => {
  const csv = withRow(
    "0,GET,/a,200,1,no",
    HEADER.replace("response_time", "t"),
  );
  assert.equal(
    messageOf(csv, { unit: "s", columns: { response_time: "t" } }),
    'Cannot read a.csv at line 3: t is "no", expected seconds >= 0',
  );
});

Deno.test("parseRequestLog() rejects texts that are not UTF-8", () => {
  const bytes = new TextEncoder().encode(withRow("0,GET,/?,200,1,1"));
  bytes[bytes.lastIndexOf("?".charCodeAt(0))] = 0xff;
  assert.throws(() => parseRequestLog(bytes, { file: "a.csv" }), {
    name: "SyntaxError",
    message:
      'Cannot read a.csv at line 3: endpoint is "/\ufffd", expected a text in UTF-8 that is not empty',
  });
  const { report } = parseRequestLog(bytes, { mode: "lenient" });
  assert.equal(report.rowsRejected, 1);
});

Deno.test("parseRequestLog() rejects an empty input, a header alone and a missing column", () => {
  assert.equal(
    messageOf(""),
    "Cannot read a.csv: it is empty, expected a header and rows",
  );
  assert.equal(
    messageOf(" \n".trim() + "\n\r\n"),
    "Cannot read a.csv: it is empty, expected a header and rows",
  );
  for (const end of ["", "\n", "\r\n\r\n"]) {
    assert.equal(
      messageOf(HEADER + end),
      "Cannot read a.csv: expected at least one row",
    );
  }
  assert.equal(
    messageOf("time,method,endpoint,status_code,size,ms\n0,GET,/a,200,1,1\n"),
    'Cannot read a.csv: "timestamp", "response_time" missing from the header, which holds "time", "method", "endpoint", "status_code", "size", "ms"; name the column that stands for timestamp, response_time in the option columns',
  );
  assert.equal(
    messageOf(`${HEADER},size\n${GOOD},1\n`),
    'Cannot read a.csv: the header holds "size" twice, expected it once',
  );
});

Deno.test("parseRequestLog() in lenient mode skips bad rows and counts them by reason", () => {
  const csv = [
    HEADER,
    "3,GET,/a,200,1,1",
    "0,GET,/a,200,1,abc",
    "0,GET,/a,200,1",
    "2,GET,/a,200,1,2",
    "0,GET,/a,200,1,-1",
    "0,GET,/a,9999,1,-1",
    "0,GET,/a,200,1,NaN",
    "0,GET,/a,200,1,",
    "1,GET,/a,200,1,3",
  ].join("\n");
  const { log, report } = parseRequestLog(csv, { mode: "lenient" });
  assert.deepEqual([...log.timestampMs], [1000, 2000, 3000]);
  assert.deepEqual([...log.sourceRow], [8, 3, 0]);
  assert.equal(report.rowsRead, 3);
  assert.equal(report.rowsRejected, 6);
  assert.equal(report.rowsOutOfOrder, 2);
  const column = "response_time";
  assert.deepEqual(report.rejections, [
    {
      reason: "response_time is not milliseconds >= 0",
      count: 4,
      examples: [
        { line: 3, column, value: "abc" },
        { line: 6, column, value: "-1" },
        { line: 8, column, value: "NaN" },
      ],
    },
    {
      reason: "wrong number of fields",
      count: 1,
      examples: [{ line: 4, value: "the line has 5 fields, expected 6" }],
    },
    {
      reason: "status_code is not an HTTP status from 100 to 599",
      count: 1,
      examples: [{ line: 7, column: "status_code", value: "9999" }],
    },
  ]);
});

Deno.test("parseRequestLog() in lenient mode loses one line to a stray quote, not the rest", () => {
  const csv = [
    HEADER,
    "0,GET,/a,200,1,1",
    '1,GET,"/a,200,1,1',
    '2,GET,"/b, c",200,1,1',
    "3,GET,/a,200,1,1",
  ].join("\r\n");
  const { log, report } = parseRequestLog(csv, { mode: "lenient" });
  assert.deepEqual([...log.sourceRow], [0, 2, 3]);
  assert.deepEqual(log.endpoint.names, ["/a", "/b, c"]);
  assert.deepEqual(report.rejections, [{
    reason: "irregular quotes",
    count: 1,
    examples: [{ line: 3, value: "a quoted field is not closed" }],
  }]);
});

Deno.test("parseRequestLog() in lenient mode throws if no row is good", () => {
  assert.equal(
    messageOf(`${HEADER}\n0,GET,/a,200,1,x\n`, { mode: "lenient" }),
    'Cannot read a.csv: no row is good, expected at least one: 1 × response_time is not milliseconds >= 0 (line 2: "x")',
  );
});

Deno.test("parseRequestLog() rejects a zone, a unit and a size out of range", () => {
  assert.throws(() => parseRequestLog(PLAIN, { timeZone: "Nowhere" }), {
    name: "RangeError",
    message: /timeZone is "Nowhere"/,
  });
  assert.throws(
    () => parseRequestLog(PLAIN, { unit: "min" as "ms" }),
    {
      name: "RangeError",
      message: /unit is "min", expected "us", "ms" or "s"/,
    },
  );
  for (const input of [PLAIN, gzipSync(PLAIN)]) {
    assert.throws(
      () => parseRequestLog(input, { file: "a.csv", maxBytes: 100 }),
      {
        name: "RangeError",
        message:
          "Cannot read a.csv: it holds more than 100 bytes, expected at most maxBytes",
      },
    );
  }
  assert.equal(
    parseRequestLog(PLAIN, { maxBytes: PLAIN.length }).report.rowsRead,
    3,
  );
});

Deno.test("parseRequestLog() rejects gzip that does not unpack", () => {
  assert.throws(
    () => parseRequestLog(gzipSync(PLAIN).subarray(0, 30), { file: "a.gz" }),
    {
      name: "SyntaxError",
      message: /^Cannot read a\.gz: it begins like gzip but does not unpack/,
    },
  );
});

Deno.test("readRequestLog() reads a file and names it in errors", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/log.csv`;
    await Deno.writeFile(path, gzipSync(PLAIN));
    assert.deepEqual(rowsOf((await readRequestLog(path)).log), PLAIN_ROWS);
    await Deno.writeTextFile(path, withRow("0,GET,/a,200,1,x"));
    await assert.rejects(readRequestLog(path), {
      name: "SyntaxError",
      message:
        `Cannot read ${path} at line 3: response_time is "x", expected milliseconds >= 0`,
    });
    await assert.rejects(readRequestLog(path, { maxBytes: 9 }), {
      name: "RangeError",
      message: new RegExp(`^Cannot read ${path}: it holds more than 9 bytes`),
    });
    await assert.rejects(readRequestLog(`${folder}/none.csv`), {
      code: "ENOENT",
      message: new RegExp(`${folder}/none.csv`),
    });
    await assert.rejects(readRequestLog(folder), {
      name: "SyntaxError",
      message: `Cannot read ${folder}: it is a folder, expected a file`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 12 })
  .map((drawn) => drawn.replaceAll("\ufffd", "").trim())
  .filter((drawn) => drawn !== "");
const row = fc.record({
  time: fc.integer({ min: 0, max: 4e12 }),
  method: fc.constantFrom("GET", "POST", "put"),
  endpoint: text,
  status: fc.integer({ min: 100, max: 599 }),
  size: fc.nat(),
  responseTime: fc.double({ min: 0, max: 1e9, noNaN: true }),
  quoted: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  end: fc.constantFrom("\n", "\r\n", "\n\n"),
});

Deno.test("parseRequestLog() returns what was written, however it was quoted", () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.constantFrom("", "\r"),
      (rows, tail) => {
        let csv = `${HEADER}\n`;
        for (const one of rows) {
          const { time, method, endpoint, status, size, responseTime } = one;
          const cells = [
            new Date(time).toISOString(),
            method,
            endpoint,
            status,
            size,
            responseTime,
          ];
          csv += cells.map((cell, j) =>
            one.quoted[j] || /[",\r\n]/.test(`${cell}`)
              ? `"${`${cell}`.replaceAll('"', '""')}"`
              : cell
          ).join(",") + one.end;
        }
        const expected = rows.map((one, i) => [
          one.time,
          one.method,
          one.endpoint,
          one.status,
          one.size,
          one.responseTime,
          i,
        ]).sort((a, b) => Number(a[0]) - Number(b[0]));
        const { log } = parseRequestLog(csv + tail, { endpoints: "raw" });
        assert.deepEqual(rowsOf(log), expected);
      },
    ),
    { seed: 2, numRuns: 400 },
  );
});

const edit = fc.record({
  kind: fc.constantFrom("flip", "insert", "delete"),
  at: fc.nat(),
  byte: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...[...'",\r\n\0\u00ff'].map((one) => one.charCodeAt(0))),
  ),
});

function mutate(
  bytes: Uint8Array,
  edits: readonly { kind: string; at: number; byte: number }[],
): Uint8Array {
  const mutated = [...bytes];
  for (const { kind, at, byte } of edits) {
    const i = at % (mutated.length + 1);
    if (kind === "flip") mutated[i] = byte;
    else if (kind === "insert") mutated.splice(i, 0, byte);
    else mutated.splice(i, 1);
  }
  return Uint8Array.from(mutated);
}

Deno.test("parseRequestLog() neither crashes on mutated bytes nor loses a row", () => {
  const twice = PLAIN + PLAIN.slice(HEADER.length + 1);
  const bases = [twice, twice.replaceAll(/\/\w/g, '"$&,\r\n$&"')]
    .map((text) => new TextEncoder().encode(text));
  fc.assert(
    fc.property(
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      fc.constantFrom<("strict" | "lenient")[]>("strict", "lenient"),
      fc.constantFrom(...bases),
      (edits, mode, base) => {
        const mutated = mutate(base, edits);
        try {
          const { log, report } = parseRequestLog(mutated, {
            mode,
            file: "a.csv",
          });
          const { rowsRead, rowsRejected, rejections } = report;
          assert.equal(log.timestampMs.length, rowsRead);
          assert(log.timestampMs.every((time, i, all) => !(time < all[i - 1])));
          assert(log.responseTimeMs?.every((time) => time >= 0));
          assert.equal(
            rejections.reduce((sum, { count }) => sum + count, 0),
            rowsRejected,
          );
          // Where nothing is quoted, a row is a line that is not empty.
          if (!mutated.includes('"'.charCodeAt(0))) {
            const lines = new TextDecoder().decode(mutated).split(/[\r\n]+/)
              .filter((line) => line !== "");
            assert.equal(rowsRead + rowsRejected, lines.length - 1);
          }
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert(
            error instanceof SyntaxError || error instanceof RangeError,
            `${error}`,
          );
          assert.match(error.message, /^Cannot read a\.csv/);
        }
      },
    ),
    { seed: 3, numRuns: 4000 },
  );
});

Deno.test({
  name: "readRequestLog() reads all 50,000 rows of the reference log",
  ignore: DATA === undefined,
  async fn() {
    const path = `${DATA}/api-logs/reference_logs.csv`;
    const { log, report } = await readRequestLog(path);
    assert.equal(report.rowsRead, 50_000);
    assert.equal(report.rowsRejected, 0);
    assert.equal(report.sorted, true);
    // Sums and counts by awk over the file's columns.
    const sum = (values: Iterable<number>) => {
      let total = 0;
      for (const value of values) total += value;
      return total;
    };
    assert.equal(sum(log.statusCode), 18_694_496);
    assert.equal(sum(log.sizeBytes), 249_979_015);
    assert.equal(sum(log.responseTimeMs ?? []), 111_960_586);
    assert.equal(log.method.names.length, 4);
    assert.equal(log.endpoint.names.length, 5);
    const first = log.sourceRow.indexOf(0);
    assert.equal(log.timestampMs[first], Date.UTC(2025, 0, 1, 0, 11, 13));
    assert.equal(log.responseTimeMs?.[first], 130);
    assert.deepEqual(
      log.sourceRow.toSorted(),
      Uint32Array.from({ length: 50_000 }, (_, i) => i),
    );
    assert.deepEqual(report.span, {
      startMs: Date.UTC(2025, 0, 1),
      endMs: Date.UTC(2025, 0, 3, 1, 59, 59),
    });
  },
});
