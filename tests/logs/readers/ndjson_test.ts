import assert from "node:assert/strict";
import { parseInput, parseNdjson } from "lib/logs/readers/mod.ts";
import { rowsOf } from "./log_rows.ts";

const GOOD = {
  timestamp: 1,
  method: "GET",
  endpoint: "/a",
  status_code: 200,
  size: 7,
  response_time: 0.5,
};
const lines = (...objects: unknown[]) =>
  objects.map((one) => typeof one === "string" ? one : JSON.stringify(one))
    .join("\n");

Deno.test("parseNdjson() reads numbers and texts of numbers by the same rules", () => {
  const result = parseInput(lines(GOOD, {
    ...GOOD,
    timestamp: "1970-01-01T00:00:02Z",
    status_code: "404",
    size: "3",
    response_time: "2e-7",
    more: { deep: [1] },
  }, { ...GOOD, timestamp: 3, response_time: 2e-7 }));
  assert(result.kind === "requests");
  assert.deepEqual(rowsOf(result.log), [
    [1000, "GET", "/a", 200, 7, 0.5, 0],
    [2000, "GET", "/a", 404, 3, 2e-7, 1],
    [3000, "GET", "/a", 200, 7, 2e-7, 2],
  ]);
  assert.equal(result.report.format, "ndjson");
});

Deno.test("parseNdjson() finds nested names by dots, and names with dots first", () => {
  const columns = {
    timestamp: "@timestamp",
    endpoint: "url.path",
    method: "http.request.method",
    status_code: "http.status",
    size: "http.bytes",
    response_time: "http.duration_s",
  };
  const result = parseNdjson(
    lines({
      "@timestamp": "2025-01-01",
      url: { path: "/inner" },
      "url.path": "/outer",
      http: {
        request: { method: "PUT" },
        status: 201,
        bytes: 0,
        duration_s: 0.25,
      },
    }),
    { columns, unit: "s" },
  );
  assert(result.kind === "requests");
  assert.deepEqual(rowsOf(result.log), [
    [Date.UTC(2025, 0, 1), "PUT", "/outer", 201, 0, 250, 0],
  ]);
});

Deno.test("parseNdjson() reads a series, and a log that says it has no response time", () => {
  const series = parseInput('{"timestamp":60,"value":-1.5}\r\n\r\n');
  assert(series.kind === "series");
  assert.deepEqual([...series.observations.value], [-1.5]);
  assert.equal(series.report.emptyLines, 1);
  const { response_time: _, ...rest } = GOOD;
  const log = parseInput(lines(rest), { columns: { response_time: "" } });
  assert(log.kind === "requests");
  assert.equal(log.log.responseTimeMs, undefined);
});

Deno.test("parseNdjson() says what is wrong with a line", () => {
  const number = "expected a string or a number";
  for (
    const [bad, detail] of [
      ["[1]", 'the line is "[1]", expected a JSON object'],
      ["{", 'the line is "{", expected a JSON object'],
      ["null", 'the line is "null", expected a JSON object'],
      [{ ...GOOD, size: null }, `size is null, ${number}`],
      [{ ...GOOD, size: undefined }, `size is missing, ${number}`],
      [{ ...GOOD, size: true }, `size is a boolean, ${number}`],
      [{ ...GOOD, size: [] }, `size is an array, ${number}`],
      [{ ...GOOD, size: {} }, `size is an object, ${number}`],
      [{ ...GOOD, method: 1 }, "method is a number, expected a string"],
      [{ ...GOOD, size: 1.5 }, 'size is "1.5", expected whole bytes >= 0'],
      [
        JSON.stringify(GOOD).replace("0.5", "1e999"),
        'response_time is "Infinity", expected milliseconds >= 0',
      ],
      // 2^53 + 1 is no double.
      [
        JSON.stringify(GOOD).replace(":7", ":9007199254740993"),
        'size is "9007199254740992", expected whole bytes >= 0',
      ],
    ] as const
  ) {
    assert.throws(() => parseNdjson(lines(GOOD, "", bad)), {
      name: "SyntaxError",
      message: `Cannot read input at line 3: ${detail}`,
    });
  }
});

Deno.test("parseNdjson() does not find what objects inherit", () => {
  const columns = { value: "constructor.name", timestamp: "t" };
  assert.throws(() => parseNdjson('{"t":1}', { columns }), {
    name: "SyntaxError",
    message: /the first object holds "t", expected .*constructor\.name/,
  });
  const own = parseNdjson('{"t":1,"__proto__":{"x":5}}', {
    columns: { timestamp: "t", value: "__proto__.x" },
  });
  assert(own.kind === "series");
  assert.deepEqual([...own.observations.value], [5]);
  assert.equal(({} as { x?: number }).x, undefined);
});

Deno.test("parseNdjson() shows the names of the first object if none fit", () => {
  assert.throws(() => parseInput('{"time":1,"ms":2}\n'), {
    name: "SyntaxError",
    message:
      'Cannot read input: the first object holds "time", "ms", expected timestamp,method,endpoint,status_code,size,response_time or timestamp,value; name the columns that stand for these, with dots for what is nested',
  });
  assert.throws(() => parseNdjson("[]\n1\n"), {
    message: "Cannot read input: no line is a JSON object, expected one a line",
  });
});

Deno.test("parseNdjson() reads a line nested half a million deep", () => {
  const deep = `{"more":${"[".repeat(2 ** 18)}${"]".repeat(2 ** 18)}}`;
  const { report } = parseNdjson(lines(GOOD, deep, "[".repeat(2 ** 20)), {
    mode: "lenient",
  });
  assert.equal(report.rowsRead, 1);
  assert.equal(report.rowsRejected, 2);
});
