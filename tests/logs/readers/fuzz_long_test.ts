/**
 * A hundred thousand damaged lines over all formats: copies of real logs where
 * they are at hand, else of samples.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import pl from "nodejs-polars";
import { gzipSync } from "node:zlib";
import { type FormatName, parseInput } from "lib/logs/readers/mod.ts";
import { Random } from "lib/numeric/random.ts";
import {
  damaged,
  type Edit,
  EDIT_KINDS,
  readChecked,
  splitLines,
} from "./damage.ts";
import { SAMPLES } from "./samples.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const LINES = 100_000;
const BLOCK = 200;
const PARQUET_FILES = 400;

const REAL_FILES: { readonly [name in FormatName]?: string } = {
  "requests-csv": "api-logs/reference_logs.csv",
  "series-csv": "nab/realKnownCause/nyc_taxi.csv",
  "access-log": "api-logs/apache_access_10k.log",
  "openstack": "api-logs/openstack_2k.log",
  "apache-error": "api-logs/apache_error_2k.log",
};

/** The lines of a format, a real log's if there is one. */
function linesOf(name: FormatName, text: string): Uint8Array[] {
  const file = REAL_FILES[name];
  return splitLines(
    DATA === undefined || file === undefined
      ? new TextEncoder().encode(text)
      : Deno.readFileSync(`${DATA}/${file}`),
  );
}

function drawEdits(random: Random, count: number): Edit[] {
  return Array.from({ length: count }, () => ({
    kind: EDIT_KINDS[random.integer(EDIT_KINDS.length)],
    at: random.integer(2 ** 31),
    value: random.integer(2 ** 31),
  }));
}

let tried = 0;
SAMPLES.forEach(({ name, text }, k) => {
  Deno.test(`${name}: lines damaged by the thousand are read or counted`, () => {
    const random = new Random(21, k);
    const lines = linesOf(name, text);
    const headerLines = name.endsWith("-csv") ? 1 : 0;
    let read = 0;
    let rejected = 0;
    for (let done = 0; done * SAMPLES.length < LINES; done += BLOCK) {
      const block = Array.from({ length: BLOCK }, () => {
        const at = headerLines + random.integer(lines.length - headerLines);
        // A third of the lines stay whole.
        return damaged(lines[at], drawEdits(random, random.integer(3)));
      });
      tried += BLOCK;
      const header = lines.slice(0, headerLines);
      const input = Buffer.concat([...header, ...block]);
      // One block in four is told by its content, one in four strict.
      const { result } = readChecked(input, {
        ...(random.integer(4) === 0 ? {} : { format: name }),
        mode: random.integer(4) === 0 ? "strict" : "lenient",
      });
      read += result?.report.rowsRead ?? 0;
      rejected += result?.report.rowsRejected ?? 0;
    }
    assert(read > 1000, `${read} lines were read`);
    assert(rejected > 1000, `${rejected} lines were rejected`);
  });
});

Deno.test("a hundred thousand lines were tried", () => {
  assert(tried >= LINES);
});

Deno.test("gzip damaged anywhere is read or refused", () => {
  const random = new Random(22);
  for (const { text } of SAMPLES) {
    const whole = gzipSync(text.repeat(20));
    for (let run = 0; run < 200; run++) {
      readChecked(damaged(whole, drawEdits(random, 1 + random.integer(2))), {
        mode: "lenient",
      });
    }
  }
});

Deno.test("Parquet damaged anywhere is read or refused", () => {
  const n = 300;
  const numbers = Float64Array.from({ length: n }, (_, i) => i);
  const frame = pl.DataFrame([
    pl.Series("timestamp", numbers).cast(pl.Datetime("ms")),
    pl.Series("method", Array.from(numbers, (i) => ["GET", "PUT"][i % 2])),
    pl.Series("endpoint", Array.from(numbers, (i) => `/a/${i % 40}`)),
    pl.Series("status_code", numbers.map((i) => 200 + i % 3)).cast(pl.Int32),
    pl.Series("size", numbers).cast(pl.Int64),
    pl.Series("response_time", numbers.map((i) => i / 7)),
  ]);
  const path = Deno.makeTempFileSync({ suffix: ".parquet" });
  const random = new Random(23);
  try {
    for (const compression of ["uncompressed", "snappy", "zstd"] as const) {
      frame.writeParquet(path, { compression });
      const whole = Deno.readFileSync(path);
      assert.equal(parseInput(whole).report.rowsRead, n);
      for (let run = 0; run * 3 < PARQUET_FILES; run++) {
        const edits = drawEdits(random, 1 + random.integer(3));
        // What follows the magic, so that it is still taken for Parquet.
        const rest = damaged(
          whole.subarray(4),
          // Flips mostly: what moves all offsets is found out at once.
          edits.map((edit) => run % 4 ? { ...edit, kind: "flip" } : edit),
        );
        readChecked(Buffer.concat([whole.subarray(0, 4), rest]), {
          mode: "lenient",
        });
      }
    }
  } finally {
    Deno.removeSync(path);
  }
});
