import assert from "node:assert/strict";
import { measureRequestLog } from "lib/logs/readers/measure.ts";

Deno.test("measureRequestLog() chooses a bucket for rows in any order", async () => {
  const path = await Deno.makeTempFile();
  try {
    const rows = Array.from({ length: 600 }, (_, i) => {
      // Ten requests a minute over an hour, the last first: 5 minutes hold 50.
      const time = 1767600000 + 6 * (599 - i);
      return `${time},GET,/a,200,7,${i}\n`;
    });
    const header = "timestamp,method,endpoint,status_code,size,response_time\n";
    await Deno.writeTextFile(path, header + rows.join(""));
    const { metrics, report } = await measureRequestLog(path);
    assert.equal(metrics.bucketMs, 300_000);
    assert.deepEqual([...metrics.series("count").value], Array(12).fill(50));
    assert.equal(report.rowsRead, 600);
  } finally {
    await Deno.remove(path);
  }
});

for (
  const [what, cells, message] of [
    ["size", "GET,/a,200,-7,1", /at line 3: size is "-7"/],
    ["method", " ,/a,200,7,1", /at line 3: method is ""/],
    ["status", "GET,/a,99,7,1", /at line 3: status_code is "99"/],
  ] as const
) {
  Deno.test(`measureRequestLog() loses no row with a bad ${what} in silence`, async () => {
    const path = await Deno.makeTempFile();
    try {
      const row = (rest: string) => `2026-01-05T00:00:00Z,${rest}\n`;
      await Deno.writeTextFile(
        path,
        "timestamp,method,endpoint,status_code,size,response_time\n" +
          row("GET,/a,200,7,1") + row(cells) + row("GET,/a,200,7,3"),
      );
      await assert.rejects(measureRequestLog(path), { message });
      const { metrics, report } = await measureRequestLog(path, {
        mode: "lenient",
      });
      assert.equal(metrics.requests, 2);
      assert.equal(report.rowsRejected, 1);
      assert.equal(report.rejections[0].examples[0].line, 3);
    } finally {
      await Deno.remove(path);
    }
  });
}

Deno.test("measureRequestLog() refuses options out of range before it reads", async () => {
  for (
    const [options, message] of [
      [{ relativeError: 1e-9 }, /relativeError is 1e-9, expected .* >= 0.0001/],
      [{ relativeError: 1 }, /relativeError is 1, /],
      [{ bucketMs: 0 }, /bucketMs is 0, expected an integer >= 1/],
      [{ bucketMs: NaN }, /bucketMs is NaN/],
    ] as const
  ) {
    const error = { name: "RangeError", message };
    await assert.rejects(measureRequestLog("there/is/none", options), error);
  }
  const endpoints = "template " as "template";
  await assert.rejects(measureRequestLog("there/is/none", { endpoints }), {
    name: "RangeError",
    message:
      'Cannot read there/is/none: endpoints is "template ", expected "template" or "raw"',
  });
});

Deno.test("measureRequestLog() refuses names of columns that no schema has", async () => {
  const columns = { status: "code" } as Record<string, string>;
  await assert.rejects(
    measureRequestLog("data/synthetic_logs.csv", { columns }),
    {
      name: "RangeError",
      message: /columns holds "status"/,
    },
  );
});

Deno.test("measureRequestLog() finds a cell too many beside columns that nobody asked for", async () => {
  const path = await Deno.makeTempFile();
  try {
    // Epochs, quotes and usual times are read in different ways.
    for (const time of ["1767600000", '"2026-01-05T08:00:00Z"', "2026-01-05"]) {
      const row = `${time},GET,x,/a,200,7,1`;
      await Deno.writeTextFile(
        path,
        "timestamp,method,host,endpoint,status_code,size,response_time\n" +
          `${row}\n${row},9\n${row}\n`,
      );
      const { report } = await measureRequestLog(path, { mode: "lenient" });
      assert.equal(report.rowsRead, 2, time);
      assert.equal(report.rejections[0].examples[0].line, 3);
    }
  } finally {
    await Deno.remove(path);
  }
});
