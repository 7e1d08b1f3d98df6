import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { MAX_LINE_BYTES } from "lib/logs/readers/lines.ts";
import type { ReadChunksOptions } from "lib/logs/readers/mod.ts";
import {
  assertBytesSame,
  assertSame,
  readParts,
  withFile,
} from "./both_ways.ts";
import { largeLogs } from "./large_logs.ts";
import { SAMPLES } from "./samples.ts";

const HEADER = "timestamp,method,endpoint,status_code,size,response_time\n";
const LEAST = 2 * MAX_LINE_BYTES;
const REQUEST_SAMPLES = SAMPLES.filter(({ name }) =>
  name !== "series-csv" && name !== "apache-error"
);

// Good logs and more sizes are read in chunks_long_test.ts.
for (const log of largeLogs({ size: 1.1 * LEAST, seed: 61, isBad: true })) {
  const { name, bytes, options } = log;
  Deno.test(`readRequestChunks() reads ${name} as the whole is read`, async () => {
    const blockBytes = LEAST + 7;
    assert(await assertBytesSame(bytes, { ...options, blockBytes }) > 1);
  });
}

Deno.test("readRequestChunks() unpacks gzip of every format", async () => {
  for (
    const { name, bytes, options } of largeLogs({
      size: 5e5,
      seed: 62,
      isBad: true,
    })
  ) {
    const parts = await assertBytesSame(gzipSync(bytes), options);
    assert(parts > 0, name);
  }
});

Deno.test("readRequestChunks() says as the whole does what is wrong in strict mode", async () => {
  for (const { name, text } of REQUEST_SAMPLES) {
    for (const bad of ["?", "?\n?", "\n\n,,,,,", "{}", "\0", "x".repeat(2e6)]) {
      for (const input of [`${text}${bad}\n${text}`, `${text}${bad}`]) {
        const parts = await assertBytesSame(input, { format: name });
        // An OpenStack log holds other lines than requests.
        assert(parts === 0 || name === "openstack", name);
        const lenient = { format: name, mode: "lenient" } as const;
        assert(await assertBytesSame(input, lenient) > 0, name);
      }
    }
  }
});

Deno.test("readRequestChunks() says as the whole does that there is nothing to read", async () => {
  const formats: ReadChunksOptions["format"][] = [
    undefined,
    ...REQUEST_SAMPLES.map(({ name }) => name),
  ];
  const inputs = ["", "\n", "\ufeff", "\r\n\r\n", HEADER, `\n\n${HEADER}\n`];
  inputs.push(`${HEADER}?\n`, "{}\n", "?\n?\n", "\0".repeat(99));
  for (const format of formats) {
    for (const mode of ["strict", "lenient"] as const) {
      const options = { mode, ...(format ? { format } : {}) };
      for (const input of inputs) {
        assert.equal(await assertBytesSame(input, options), 0);
      }
    }
  }
});

Deno.test("readRequestChunks() counts blank lines once, before a header too", async () => {
  const row = "2026-01-05T08:15:00,GET,/a,200,7,1\n";
  for (const blank of ["\n", "\n\n\n", "\r\n", "\r", "\n\r\r\n"]) {
    for (
      const rest of [row, `\n${row}\n${row}`, `${row}?\n`]
    ) {
      const text = blank + HEADER + rest;
      const mode = "lenient";
      await assertBytesSame(text, { mode, blockBytes: LEAST });
      await assertBytesSame(`\ufeff${text}`, { mode, blockBytes: LEAST });
    }
  }
});

Deno.test("readRequestChunks() says only that a line is over the limit, not how long", async () => {
  const long = "x".repeat(3 * LEAST);
  const text = `${SAMPLES[1].text}${long}\n${SAMPLES[1].text}`;
  const options = { mode: "lenient", blockBytes: LEAST } as const;
  await withFile(text, async (path) => {
    const { report } = await readParts(path, options);
    assert.equal(report.rowsRead, 16);
    assert.deepEqual(report.rejections, [{
      reason: "line too long",
      count: 1,
      examples: [{
        line: 9,
        value: "the line is longer than 1 MiB, expected at most 1048576 bytes",
      }],
    }]);
    assert(await assertSame(path, options) > 1);
  });
});

Deno.test("readRequestChunks() counts rows out of order over parts as the whole does", async () => {
  const second = (at: number) =>
    `2026-01-05T08:${String(at / 60 | 0).padStart(2, "0")}:${
      String(at % 60).padStart(2, "0")
    },GET,/${"x".repeat(999_000)},200,7,1\n`;
  // Two rows a part. Behind the latest so far are 5, 7, 6, 8 and 19.
  const seconds = [9, 10, 5, 20, 7, 6, 30, 8, 30, 40, 19, 50];
  const text = HEADER + seconds.map(second).join("");
  await withFile(text, async (path) => {
    const { report, parts } = await readParts(path, { blockBytes: LEAST });
    assert(parts >= 6, `${parts} parts`);
    assert.equal(report.rowsOutOfOrder, 5);
    assert.equal(report.sorted, false);
    assert(await assertSame(path, { blockBytes: LEAST }) > 0);
  });
  // The same where rows are sorted within their part, which the report says.
  await withFile(HEADER + [1, 3, 2, 4].map(second).join(""), async (path) => {
    const { report } = await readParts(path);
    assert.equal(report.rowsOutOfOrder, 1);
    assert.equal(report.sorted, true);
  });
});

Deno.test("readRequestChunks() refuses options that are out of range", async () => {
  const bytes = Buffer.from(SAMPLES[0].text);
  const wrong = (options: { [name: string]: string }) =>
    assertBytesSame(bytes, options as ReadChunksOptions);
  assert.equal(await wrong({ endpoints: "templates" }), 0);
  assert.equal(await wrong({ unit: "min" }), 0);
  assert.equal(await wrong({ timeZone: "Mars/Olympus" }), 0);
  assert.equal(await wrong({ format: "csv" }), 0);
  assert.equal(await wrong({ format: "ndjson" }), 0);
});
