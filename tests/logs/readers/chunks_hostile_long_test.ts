/**
 * Inputs made to fill memory, read part by part in a process of their own, of
 * which the most memory that it ever held is measured.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { readInput, type ReadReport } from "lib/logs/readers/mod.ts";

const HEADER = "timestamp,method,endpoint,status_code,size,response_time\n";
const ROW = "2026-01-05T08:15:00,GET,/a,200,7,1\n";
const MIB = 2 ** 20;
/** What a process of the engine with Polars and two blocks takes, and more. */
const LITTLE = 400;
/** What is promised for any log. */
const MOST = 1024;

type Outcome = {
  /** Requests that were read, by parts and as metrics. */
  readonly rows: number;
  readonly endpoints: number;
  readonly report: ReadReport;
  readonly error?: string;
  /** The most memory that the process held. */
  readonly peakMib: number;
};

const PROGRAM = `
  import process from "node:process";
  import { measureRequestLog, readRequestChunks } from "lib/logs/readers/mod.ts";
  const { way, path, options } = JSON.parse(Deno.env.get("HOSTILE"));
  const outcome = { rows: 0, endpoints: 0 };
  try {
    if (way === "metrics") {
      const { metrics, report } = await measureRequestLog(path, options);
      outcome.rows = metrics.requests;
      outcome.endpoints = metrics.endpoints.length;
      outcome.report = report;
    } else {
      for await (const { log, report } of readRequestChunks(path, options)) {
        outcome.rows += log.timestampMs.length;
        outcome.endpoints = log.endpoint.names.length;
        outcome.report = report;
      }
    }
  } catch (error) {
    outcome.error = error.name + ": " + error.message;
  }
  // Where Linux tells it: what getrusage() tells is the parent's, if that is more.
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const [, peakKib] = /VmHWM:\\s+(\\d+)/.exec(status) ?? [];
  outcome.peakMib = Number(peakKib ?? process.resourceUsage().maxRSS) / 1024;
  console.log(JSON.stringify(outcome));
`;

async function readInChild(
  path: string,
  options: { way: "parts" | "metrics"; [name: string]: unknown },
): Promise<Outcome> {
  const { way, ...rest } = options;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", PROGRAM],
    env: {
      HOSTILE: JSON.stringify({
        way,
        path,
        options: { mode: "lenient", file: "a.csv", ...rest },
      }),
    },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, decode(stderr));
  return JSON.parse(decode(stdout));
}

/** Does something with a file that is written piece by piece. */
async function withPieces(
  pieces: Iterable<Uint8Array>,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await pipeline(pieces, createWriteStream(path));
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** A header, a good row, and a piece many times. */
function* repeated(
  piece: Uint8Array | string,
  count: number,
): Generator<Uint8Array> {
  yield Buffer.from(HEADER + ROW);
  for (let i = 0; i < count; i++) yield Buffer.from(piece);
}

type Case = {
  readonly name: string;
  readonly pieces: () => Iterable<Uint8Array>;
  /** Rows rejected, and their reason. */
  readonly rejected: number;
  readonly reason?: string;
  readonly emptyLines?: number;
  readonly peakMib: number;
};

const CASES: readonly Case[] = [
  {
    name: "an endless line of 300 MiB",
    pieces: () => repeated("x".repeat(MIB), 300),
    rejected: 1,
    reason: "record too long",
    peakMib: LITTLE,
  },
  {
    name: "50 million quotes without a line end",
    pieces: () => repeated('"'.repeat(1e6), 50),
    rejected: 1,
    reason: "line too long",
    peakMib: LITTLE,
  },
  {
    name: "50 million quotes in lines of a million",
    pieces: () => repeated('"",'.repeat(333_333) + "\n", 75),
    rejected: 75,
    reason: "wrong number of fields",
    peakMib: MOST,
  },
  {
    name: "5 million quotes that open and close over lines",
    pieces: () => repeated('"\n'.repeat(5e5), 10),
    // Two quotes, each at the end of a line, are one record.
    rejected: 2.5e6,
    reason: "wrong number of fields",
    peakMib: MOST,
  },
  {
    name: "5 million lines of a character",
    pieces: () => repeated("x\n".repeat(5e5), 10),
    rejected: 5e6,
    reason: "wrong number of fields",
    peakMib: MOST,
  },
  {
    name: "100 million blank lines",
    pieces: () => repeated("\n".repeat(1e6), 100),
    rejected: 0,
    emptyLines: 1e8,
    peakMib: LITTLE,
  },
  {
    name: "300 MiB of NUL",
    pieces: () => repeated(Buffer.alloc(MIB), 300),
    rejected: 1,
    reason: "record too long",
    peakMib: LITTLE,
  },
  {
    name: "300 MiB of NUL in lines",
    pieces: () =>
      repeated(Buffer.concat([Buffer.alloc(MIB - 1), Buffer.of(10)]), 300),
    rejected: 300,
    reason: "wrong number of fields",
    peakMib: LITTLE,
  },
];

for (const one of CASES) {
  const { name, pieces, rejected, reason, emptyLines = 0, peakMib } = one;
  Deno.test(`${name} is read part by part in ${peakMib} MiB`, async () => {
    await withPieces(pieces(), async (path) => {
      for (const way of ["parts", "metrics"] as const) {
        const { rows, report, ...rest } = await readInChild(path, { way });
        assert.equal(rest.error, undefined);
        assert.equal(rows, 1);
        assert.equal(report.rowsRejected, rejected);
        assert.equal(report.emptyLines, emptyLines);
        assert.deepEqual(
          report.rejections.map(({ reason, count }) => [reason, count]),
          reason === undefined ? [] : [[reason, rejected]],
        );
        assert(rest.peakMib < peakMib, `${way} took ${rest.peakMib} MiB`);
      }
    });
  });
}

Deno.test("an endless line is refused in strict mode as soon as it is too long", async () => {
  await withPieces(repeated("x".repeat(MIB), 300), async (path) => {
    const options = { way: "parts", mode: "strict" } as const;
    const { error, peakMib } = await readInChild(path, options);
    assert.equal(
      error,
      "SyntaxError: Cannot read a.csv at line 3: the record is longer than 1 MiB, expected at most 1048576 bytes",
    );
    assert(peakMib < LITTLE, `${peakMib} MiB`);
  });
});

Deno.test("files of nothing but NUL, and of nothing but an endless line, fit no format", async () => {
  for (const byte of [0, 0x78]) {
    const pieces = Array.from({ length: 100 }, () => Buffer.alloc(MIB, byte));
    await withPieces(pieces, async (path) => {
      for (const way of ["parts", "metrics"] as const) {
        const { error = "", peakMib } = await readInChild(path, { way });
        assert.match(error, /^SyntaxError: Cannot read a\.csv: it begins "/);
        assert(error.length < 1000);
        assert(peakMib < LITTLE, `${peakMib} MiB`);
      }
    });
  }
});

Deno.test("a gzip bomb is unpacked part by part, and refused beyond 1 GiB where it is read whole", async () => {
  const bomb = await Deno.makeTempFile({ suffix: ".gz" });
  try {
    await withPieces(repeated("x".repeat(MIB), 1100), async (path) => {
      await pipeline(
        createReadStream(path),
        createGzip(),
        createWriteStream(bomb),
      );
    });
    assert((await Deno.stat(bomb)).size < 10 * MIB);
    const found = await readInChild(bomb, { way: "parts" });
    assert.equal(found.rows, 1);
    assert.equal(found.report.rowsRejected, 1);
    assert(found.peakMib < LITTLE, `${found.peakMib} MiB`);
    await assert.rejects(readInput(bomb, { file: "a.csv" }), {
      name: "RangeError",
      message:
        "Cannot read a.csv: it holds more than 1073741824 bytes, expected at most maxBytes",
    });
  } finally {
    await Deno.remove(bomb);
  }
});

/** A million rows, each to an endpoint of its own. */
function* millionEndpoints(): Generator<Uint8Array> {
  yield Buffer.from(HEADER);
  for (let k = 0; k < 100; k++) {
    const rows = Array.from({ length: 10_000 }, (_, i) => {
      const letters = Array.from(
        String(k * 10_000 + i).padStart(6, "0"),
        (digit) => "abcdefghij"[Number(digit)],
      ).join("");
      return ROW.replace("/a", `/${letters}/${"z".repeat(60)}`);
    });
    yield Buffer.from(rows.join(""));
  }
}

Deno.test("a million endpoints are pooled beyond 200, and refused as they are", async () => {
  await withPieces(millionEndpoints(), async (path) => {
    for (const way of ["parts", "metrics"] as const) {
      const found = await readInChild(path, { way });
      assert.equal(found.rows, 1e6);
      assert.equal(found.endpoints, 200);
      assert(found.peakMib < MOST, `${way} took ${found.peakMib} MiB`);
      const { error } = await readInChild(path, { way, endpoints: "raw" });
      assert.equal(
        error,
        "RangeError: Cannot read endpoints as they are: more than 10000 differ, expected fewer; read them as templates",
      );
    }
  });
});

Deno.test("years from 1900 to 9999 are read part by part", async () => {
  const rows = Array.from({ length: 8100 }, (_, i) => {
    const row = `${1900 + i}-07-01T12:00:00,GET,/a,200,7,${i}\n`;
    return row.repeat(200);
  });
  const pieces = [Buffer.from(HEADER), ...rows.map((row) => Buffer.from(row))];
  await withPieces(pieces, async (path) => {
    for (const way of ["parts", "metrics"] as const) {
      for (const timeZone of ["UTC", "America/New_York"]) {
        const options = { way, timeZone };
        const { rows, report, peakMib } = await readInChild(path, options);
        assert.equal(rows, 200 * 8100);
        assert.deepEqual(report.rejections, []);
        // In 1900 New York had no summer time yet.
        const [first, last] = timeZone === "UTC" ? [12, 12] : [17, 16];
        assert.deepEqual(report.span, {
          startMs: Date.UTC(1900, 6, 1, first),
          endMs: Date.UTC(9999, 6, 1, last),
        });
        assert(peakMib < MOST, `${way} took ${peakMib} MiB`);
      }
    }
  });
});
