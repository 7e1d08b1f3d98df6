import assert from "node:assert/strict";
import { parseAccessLog, parseInput, readInput } from "lib/logs/readers/mod.ts";
import { rowsOf } from "./log_rows.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const T = Date.UTC(2015, 4, 17, 10, 5, 3);

/** A line of the common format. */
function line(
  { request = "GET /a HTTP/1.1", status = "200", size = "7", rest = "" } = {},
): string {
  return `10.0.0.1 - - [17/May/2015:12:05:03 +0200] "${request}" ${status} ${size}${rest}\n`;
}

const COMBINED = ' "http://a.example/" "Mozilla/5.0 (X11; \\"x\\") 12 0.5"';

Deno.test("parseAccessLog() reads the common and the combined format", () => {
  const text = line() + line({ rest: COMBINED, size: "-", status: "304" }) +
    `www.a.example:80 ${line({ request: "POST /b c?d HTTP/1.0" })}` +
    line({ request: "HEAD /old" });
  const { log, report } = parseAccessLog(text, { endpoints: "raw" });
  assert.deepEqual(rowsOf(log), [
    [T, "GET", "/a", 200, 7, undefined, 0],
    [T, "GET", "/a", 304, 0, undefined, 1],
    [T, "POST", "/b c?d", 200, 7, undefined, 2],
    [T, "HEAD", "/old", 200, 7, undefined, 3],
  ]);
  assert.equal("responseTimeMs" in log, false);
  assert.equal(report.format, "access-log");
});

Deno.test("parseAccessLog() templates endpoints and keeps them as they were", () => {
  const text = line({ request: "GET /users/1?x=2 HTTP/1.1" }) +
    line({ request: "GET /users/2 HTTP/1.1" });
  const { log } = parseAccessLog(text);
  assert.deepEqual(log.endpoint.names, ["/users/:id"]);
  assert.deepEqual(log.rawEndpoint?.names, ["/users/1?x=2", "/users/2"]);
  const raw = parseAccessLog(text, { endpoints: "raw" }).log;
  assert.deepEqual(raw.endpoint.names, ["/users/1?x=2", "/users/2"]);
  assert.equal("rawEndpoint" in raw, false);
  assert.equal("rawEndpoint" in parseAccessLog(line()).log, false);
});

Deno.test("parseAccessLog() takes an appended response time and says its unit", () => {
  for (
    const [rests, unit, times] of [
      // %D: half of the requests take at least 60.
      [[" 1500", " 90", " 61"], "microseconds", [1.5, 0.09, 0.061]],
      // %T: half take less.
      [[" 0", " 1", " 75"], "seconds", [0, 1000, 75_000]],
      // $request_time, then the time upstream.
      [[" 0.250 0.2", " 0.001 -", " 1.000"], "seconds", [250, 1, 1000]],
      [[`${COMBINED} rt=0.5`, `${COMBINED} "-" 2.0`, " T=3.5"], "seconds", [
        500,
        2000,
        3500,
      ]],
    ] as const
  ) {
    const text = rests.map((rest) => line({ rest })).join("");
    const { log, report } = parseAccessLog(text);
    assert.deepEqual([...log.responseTimeMs ?? []], times);
    assert.deepEqual(report.notes, [
      `response times are taken as ${unit}, by the numbers that end the lines; name the unit if they are not`,
    ]);
  }
  const named = parseAccessLog(line({ rest: " 35" }), { unit: "ms" });
  assert.deepEqual([...named.log.responseTimeMs ?? []], [35]);
  assert.deepEqual(named.report.notes, []);
});

Deno.test("parseAccessLog() takes bytes in and out for no response time", () => {
  const { log } = parseAccessLog(line({ rest: `${COMBINED} 512 2048` }));
  assert.equal(log.responseTimeMs, undefined);
});

Deno.test("parseAccessLog() rejects a line without the response time that others have", () => {
  const text = line({ rest: " 0.5" }) + line() + line({ rest: " 0.7" });
  assert.throws(() => parseAccessLog(text), {
    name: "SyntaxError",
    message:
      'Cannot read input at line 2: the line ends in "", expected a response time as other lines have it',
  });
  const { log, report } = parseAccessLog(text, { mode: "lenient" });
  assert.deepEqual([...log.sourceRow], [0, 2]);
  assert.equal(report.rejections[0].reason, "no response time");
});

Deno.test("parseAccessLog() reads lines of a format that is given", () => {
  const { log } = parseAccessLog(
    "2015-05-17T10:05:03+00:00 0.250 GET /a 200 7\n",
    {
      logFormat:
        "$time_iso8601 $request_time $request_method $request_uri $status $bytes_sent",
    },
  );
  assert.deepEqual(rowsOf(log), [[T, "GET", "/a", 200, 7, 250, 0]]);
  const result = parseInput(
    '1431857103 "GET /a HTTP/1.1" 200 - 1500\n',
    { logFormat: '%{sec}t "%r" %>s %b %D' },
  );
  assert(result.kind === "requests");
  assert.deepEqual(rowsOf(result.log), [[T, "GET", "/a", 200, 0, 1.5, 0]]);
  assert.throws(() => parseInput("x", { logFormat: "%h" }), {
    name: "SyntaxError",
    message: /^Cannot compile log format "%h": expected a time/,
  });
});

Deno.test("parseAccessLog() counts what is no HTTP request, in strict mode too", () => {
  const text = line({ request: "-", status: "408" }) + line() +
    line({ request: "\\x16\\x03\\x01", status: "400" });
  const { log, report } = parseAccessLog(text);
  assert.deepEqual([...log.sourceRow], [1]);
  assert.equal(report.rowsIgnored, 2);
  assert.deepEqual(report.ignored, [{
    reason: "not an HTTP request",
    count: 2,
    examples: [
      { line: 1, column: "request", value: "-" },
      { line: 3, column: "request", value: "\\x16\\x03\\x01" },
    ],
  }]);
  assert.throws(() => parseAccessLog(line({ request: "-" })), {
    name: "SyntaxError",
    message:
      'Cannot read input: expected at least one row, got 1 × not an HTTP request (line 1: "-")',
  });
});

Deno.test("parseAccessLog() says which line is bad", () => {
  for (
    const [bad, detail] of [
      [
        "x\u0007\n",
        'the line is "x\\u0007", expected a time, a request, a status and a size',
      ],
      [
        line({ size: "7x" }),
        'size is "7x", expected whole bytes >= 0 or -',
      ],
      [
        line({ status: "-" }),
        'status_code is "-", expected an HTTP status from 100 to 599',
      ],
      [
        line().replace("17/May", "31/Feb"),
        'timestamp is "31/Feb/2015:12:05:03 +0200", expected a time such as 17/May/2015:10:05:03 +0000',
      ],
    ]
  ) {
    assert.throws(() => parseAccessLog(`${line()}\n${bad}`), {
      name: "SyntaxError",
      message: `Cannot read input at line 3: ${detail}`,
    });
  }
});

Deno.test("parseAccessLog() takes a line that is cut off behind its size", () => {
  const text = line({ rest: ' "-" "Mozilla/5.0 (comp' }) + line({ rest: " " });
  assert.equal(parseAccessLog(text).report.rowsRead, 2);
});

Deno.test({
  name: "readInput() reads all 10,000 lines of a real access log",
  ignore: DATA === undefined,
  async fn() {
    const result = await readInput(`${DATA}/api-logs/apache_access_10k.log`, {
      endpoints: "raw",
    });
    assert(result.kind === "requests");
    const { log, report } = result;
    assert.equal(report.format, "access-log");
    assert.equal(report.rowsRead, 10_000);
    assert.equal(report.rowsRejected + report.rowsIgnored, 0);
    assert.equal(report.emptyLines, 0);
    // Counts by grep and awk over the file.
    const counts = (codes: Iterable<number>) =>
      Map.groupBy(codes, (code) => code);
    const status = counts(log.statusCode);
    assert.equal(status.get(200)?.length, 9126);
    assert.equal(status.get(404)?.length, 213);
    assert.equal(status.get(500)?.length, 3);
    const methods = counts(log.method.codes);
    const post = log.method.names.indexOf("POST");
    assert.equal(methods.get(post)?.length, 5);
    // 669 of the sizes are "-".
    assert.equal(log.sizeBytes.filter((size) => size === 0).length, 669);
    assert.equal(log.sizeBytes[log.sourceRow.indexOf(0)], 203_023);
    assert.equal(log.responseTimeMs, undefined);
  },
});
