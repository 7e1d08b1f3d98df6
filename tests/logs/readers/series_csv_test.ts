import assert from "node:assert/strict";
import { parseObservations, readObservations } from "lib/logs/readers/mod.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");

Deno.test("parseObservations() reads values of any sign and sorts them by time", () => {
  const { observations, report } = parseObservations(
    "timestamp,value\n2025-01-01T00:02:00Z,-1.5e-3\n2025-01-01 00:01:00,+7\n",
  );
  const start = Date.UTC(2025, 0, 1);
  assert.deepEqual([...observations.timestampMs], [start + 6e4, start + 12e4]);
  assert.deepEqual([...observations.value], [7, -0.0015]);
  assert.deepEqual([...observations.sourceRow], [1, 0]);
  assert.equal(report.rowsOutOfOrder, 1);
});

Deno.test("parseObservations() rejects a value that is not finite", () => {
  for (const value of ["", "NaN", "-inf", "1e999", "1,5", "five"]) {
    assert.throws(
      () => parseObservations(`timestamp,value\n0,1\n1,"${value}"\n`),
      {
        name: "SyntaxError",
        message:
          `Cannot read input at line 3: value is "${value}", expected a number from -1e150 to 1e150`,
      },
    );
  }
});

Deno.test("parseObservations() skips bad values in lenient mode", () => {
  const { observations, report } = parseObservations(
    "t,v\n0,1\n1,?\n2,3\n",
    { mode: "lenient", columns: { timestamp: "t", value: "v" } },
  );
  assert.deepEqual([...observations.value], [1, 3]);
  assert.deepEqual([...observations.sourceRow], [0, 2]);
  assert.deepEqual(report.rejections, [{
    reason: "v is not a number from -1e150 to 1e150",
    count: 1,
    examples: [{ line: 3, column: "v", value: "?" }],
  }]);
});

Deno.test("parseObservations() rejects a missing column", () => {
  assert.throws(() => parseObservations("timestamp,Value\n0,1\n"), {
    name: "SyntaxError",
    message:
      'Cannot read input: "value" missing from the header, which holds "timestamp", "Value"; name the column that stands for value in the option columns',
  });
});

Deno.test({
  name: "readObservations() reads the series of NAB and of cloud monitoring",
  ignore: DATA === undefined,
  async fn() {
    // Rows, sums and last times by awk over each file.
    const named = { timestamp: "TimeStamp", value: "Value" };
    const one = await readObservations(
      `${DATA}/cloud-monitoring/outbound-01.csv`,
      { columns: named },
    );
    assert.equal(one.report.rowsRead, 720);
    assert.equal(one.report.span.endMs, Date.UTC(2018, 6, 16, 23));
    const sum = one.observations.value.reduce((total, value) => total + value);
    assert(Math.abs(sum - 43672.6645102742) < 1e-6);
    const taxi = await readObservations(
      `${DATA}/nab/realKnownCause/nyc_taxi.csv`,
    );
    assert.equal(taxi.observations.value.reduce((a, b) => a + b), 156_219_716);
    assert.equal(taxi.report.span.endMs, Date.UTC(2015, 0, 31, 23, 30));

    let rows = 0;
    for (const path of csvFiles(`${DATA}/nab`)) {
      rows += (await readObservations(path)).report.rowsRead;
    }
    assert.equal(rows, 179_391);
    rows = 0;
    for (const path of csvFiles(`${DATA}/cloud-monitoring`)) {
      const { report } = await readObservations(path, { columns: named });
      rows += report.rowsRead;
    }
    assert.equal(rows, 30_672);
  },
});

function* csvFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* csvFiles(path);
    else if (name.endsWith(".csv")) yield path;
  }
}
