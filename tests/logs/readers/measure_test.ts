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
