import assert from "node:assert/strict";
import {
  detectInputKind,
  parseInput,
  readInput,
  REQUEST_COLUMNS,
} from "lib/logs/readers/mod.ts";

const REQUESTS =
  "timestamp,method,endpoint,status_code,size,response_time\n0,GET,/a,200,1,5\n";

Deno.test("detectInputKind() prefers a request log unless a value is named", () => {
  const both = [...REQUEST_COLUMNS, "value"];
  assert.equal(detectInputKind(both), "requests");
  assert.equal(detectInputKind(both, { value: "size" }), "series");
  assert.equal(detectInputKind(both, { value: "none" }), undefined);
  assert.equal(detectInputKind(REQUEST_COLUMNS.slice(0, 5)), undefined);
  assert.equal(detectInputKind([]), undefined);
});

Deno.test("parseInput() reads a request log", () => {
  const result = parseInput(REQUESTS, { unit: "s" });
  assert(result.kind === "requests");
  assert.deepEqual([...result.log.responseTimeMs ?? []], [5000]);
  assert.equal(result.report.rowsRead, 1);
});

Deno.test("parseInput() reads a series, also out of a request log", () => {
  const series = parseInput("TimeStamp,Value\n1,2\n", {
    columns: { timestamp: "TimeStamp", value: "Value" },
  });
  assert(series.kind === "series");
  assert.deepEqual([...series.observations.value], [2]);
  const column = parseInput(REQUESTS, { columns: { value: "response_time" } });
  assert(column.kind === "series");
  assert.deepEqual([...column.observations.value], [5]);
});

Deno.test("parseInput() lists both schemas and the header if neither fits", () => {
  assert.throws(
    () =>
      parseInput("TimeStamp,Value\n1,2\n", {
        file: "a.csv",
        columns: { timestamp: "time" },
      }),
    {
      name: "SyntaxError",
      message:
        'Cannot read a.csv: it begins "TimeStamp,Value", which fits none of parquet, requests-csv, series-csv, ndjson, openstack, access-log, apache-error; as a CSV its header holds "TimeStamp", "Value", expected timestamp (as time),method,endpoint,status_code,size,response_time or timestamp (as time),value: name the columns that stand for these',
    },
  );
});

Deno.test("parseInput() shows a hostile header bounded and escaped", () => {
  const header = `\u001b]0;${"x".repeat(99)},${"b,".repeat(99)}`;
  assert.throws(() => parseInput(`${header}\n`), (error) => {
    assert(error instanceof SyntaxError);
    assert(error.message.length < 500);
    assert(error.message.startsWith(
      `Cannot read input: it begins "\\u001b]0;${"x".repeat(56)}…", which fits`,
    ));
    return true;
  });
});

Deno.test("parseInput() rejects names of columns that no schema has", () => {
  const columns: Record<string, string> = { responsetime: "ms" };
  assert.throws(() => parseInput(REQUESTS, { columns }), {
    name: "RangeError",
    message:
      'Cannot read input: columns holds "responsetime", expected names among timestamp,method,endpoint,status_code,size,response_time,value',
  });
});

Deno.test("readInput() reads a file and names it in errors", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "timestamp,value\n1,2\n");
    const result = await readInput(path);
    assert.equal(result.kind, "series");
    assert.equal(result.report.file, path);
    await Deno.writeTextFile(path, "");
    await assert.rejects(readInput(path), {
      name: "SyntaxError",
      message:
        `Cannot read ${path}: it is empty, expected one of parquet, requests-csv, series-csv, ndjson, openstack, access-log, apache-error`,
    });
  } finally {
    await Deno.remove(path);
  }
});
