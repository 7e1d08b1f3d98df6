import assert from "node:assert/strict";
import { parseOpenstackLog, readInput } from "lib/logs/readers/mod.ts";
import { rowsOf } from "./log_rows.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const T = Date.UTC(2017, 4, 16);
const START = "2017-05-16 00:00:00.008 25746 INFO nova.wsgi [req-1 - -] ";
const REQUEST =
  '10.11.10.1 "GET /v2/servers HTTP/1.1" status: 200 len: 1893 time: 0.2477829';
const OTHER = "2017-05-16 00:00:04.500 2931 INFO nova.compute [-] VM Started";

Deno.test("parseOpenstackLog() reads requests and counts other lines", () => {
  const file = "nova-api.log.1.2017-05-16_13:53:08 ";
  const text = [
    OTHER,
    file + START + REQUEST.replace("GET", "POST").replace("200", "202"),
    "",
    START.replace("0.008", "1") + REQUEST,
    "Traceback (most recent call last):",
  ].join("\r\n");
  const { log, report } = parseOpenstackLog(text);
  assert.deepEqual(rowsOf(log), [
    [T + 8, "POST", "/v2/servers", 202, 1893, 247.7829, 1],
    [T + 1000, "GET", "/v2/servers", 200, 1893, 247.7829, 3],
  ]);
  assert.equal(report.rowsIgnored, 2);
  assert.equal(report.emptyLines, 1);
  assert.deepEqual(report.ignored, [{
    reason: "not an API request",
    count: 2,
    examples: [
      { line: 1, value: JSON.stringify(OTHER.slice(0, 60) + "…") },
      { line: 5, value: '"Traceback (most recent call last):"' },
    ],
  }]);
});

Deno.test("parseOpenstackLog() rejects a request that is not whole", () => {
  for (
    const bad of [
      REQUEST,
      START + REQUEST.replace(" time: 0.2477829", ""),
      START + REQUEST.replace(" status: 200", ""),
      START + REQUEST.replace(" HTTP/1.1", ""),
      START + REQUEST.replace(' "GET', " GET"),
    ]
  ) {
    const text = `${START}${REQUEST}\n${bad}\n`;
    assert.throws(() => parseOpenstackLog(text), {
      name: "SyntaxError",
      message: /^Cannot read input at line 2: the line is "/,
    }, bad);
    const { report } = parseOpenstackLog(text, { mode: "lenient" });
    assert.equal(report.rejections[0].reason, "request not whole");
  }
  assert.throws(
    () => parseOpenstackLog(START + REQUEST.replace("0.24", "-0.24")),
    {
      message:
        'Cannot read input at line 1: response_time is "-0.2477829", expected seconds >= 0',
    },
  );
});

Deno.test({
  name: "readInput() reads the 1,017 requests of a real log of 2,000 lines",
  ignore: DATA === undefined,
  async fn() {
    const result = await readInput(`${DATA}/api-logs/openstack_2k.log`);
    assert(result.kind === "requests");
    const { log, report } = result;
    assert.equal(report.format, "openstack");
    assert.equal(report.rowsRead, 1017);
    assert.equal(report.rowsRejected, 0);
    // 1,017 + 983 = 2,000 lines.
    assert.equal(report.rowsIgnored, 983);
    assert.equal(report.emptyLines, 0);
    // By grep: 931 GET, 64 POST, 22 DELETE.
    const count = (name: string) => {
      const code = log.method.names.indexOf(name);
      return log.method.codes.filter((one) => one === code).length;
    };
    assert.deepEqual(["GET", "POST", "DELETE"].map(count), [931, 64, 22]);
    assert.equal(log.responseTimeMs?.[0], 247.7829);
  },
});
