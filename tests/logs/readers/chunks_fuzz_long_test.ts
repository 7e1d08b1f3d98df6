/**
 * A hundred thousand damaged lines, copies of real logs where they are at hand,
 * read part by part: each is read or counted, as in the whole.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { countLines, MAX_LINE_BYTES } from "lib/logs/readers/lines.ts";
import type { FormatName } from "lib/logs/readers/mod.ts";
import { Random } from "lib/numeric/random.ts";
import { assertSame, readParts, withFile } from "./both_ways.ts";
import { damaged, type Edit, EDIT_KINDS, splitLines } from "./damage.ts";
import { REQUEST_WRITERS } from "./samples.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
/** Of these some lose their ends and join. */
const DRAWN = 300_000;
const LINES = 100_000;
const LEAST = 2 * MAX_LINE_BYTES;
const QUOTE = 0x22;

const REAL_FILES: { readonly [name in FormatName]?: string } = {
  "requests-csv": "api-logs/reference_logs.csv",
  "access-log": "api-logs/apache_access_10k.log",
  "openstack": "api-logs/openstack_2k.log",
};

/** What is damaged: each format, CSV once more without quotes. */
const INPUTS = [
  ...REQUEST_WRITERS.map(({ name }) => ({ name, hasQuotes: true })),
  { name: "requests-csv" as const, hasQuotes: false },
];

/** The lines of a format, a real log's if there is one. */
function linesOf(name: FormatName): Uint8Array[] {
  const file = REAL_FILES[name];
  if (DATA !== undefined && file !== undefined) {
    return splitLines(Deno.readFileSync(`${DATA}/${file}`));
  }
  const writer = REQUEST_WRITERS.find((one) => one.name === name);
  assert(writer);
  const rows = Array.from({ length: 500 }, (_, i) => ({
    stamp: `2025-01-01 0${i % 10}:00:0${i % 7}`,
    endpoint: `/users/${i}?page=${i % 3}`,
    time: (i / 1000).toFixed(3),
  }));
  return splitLines(Buffer.from(writer.write(...rows)));
}

function drawEdits(random: Random, count: number): Edit[] {
  return Array.from({ length: count }, () => ({
    kind: EDIT_KINDS[random.integer(EDIT_KINDS.length)],
    at: random.integer(2 ** 31),
    value: random.integer(2 ** 31),
  }));
}

/** Lines below the header, if there is one, a third of them whole. */
function damagedLog(
  { name, hasQuotes }: typeof INPUTS[number],
  random: Random,
): Uint8Array {
  const lines = linesOf(name);
  const headerLines = name === "requests-csv" ? 1 : 0;
  const pieces = lines.slice(0, headerLines);
  for (let done = 0; done * INPUTS.length < DRAWN; done++) {
    const at = headerLines + random.integer(lines.length - headerLines);
    const line = damaged(lines[at], drawEdits(random, random.integer(3)));
    pieces.push(hasQuotes ? line : line.filter((byte) => byte !== QUOTE));
  }
  return Buffer.concat(pieces);
}

INPUTS.forEach((input, k) => {
  const { name, hasQuotes } = input;
  const isExact = name !== "requests-csv" || !hasQuotes;
  const how = `${name}${hasQuotes ? "" : " without quotes"}`;
  Deno.test(`readRequestChunks() reads or counts lines of ${how} damaged by the thousand`, async () => {
    const bytes = damagedLog(input, new Random(81, k));
    const lines = countLines(bytes);
    assert(lines * INPUTS.length >= LINES, `${lines} lines`);
    await withFile(bytes, async (path) => {
      for (const blockBytes of [LEAST, LEAST + 4321, 2 * LEAST]) {
        const options = { format: name, mode: "lenient", blockBytes } as const;
        const { report, parts } = await readParts(path, options);
        const { rowsRead, rowsRejected, rowsIgnored, emptyLines } = report;
        assert(rowsRead > 1000, `${rowsRead} rows were read`);
        assert(rowsRejected > 1000, `${rowsRejected} rows were rejected`);
        assert(blockBytes > LEAST || parts > 1);
        const header = name === "requests-csv" ? 1 : 0;
        const told = header + rowsRead + rowsRejected + rowsIgnored +
          emptyLines;
        if (isExact) {
          assert.equal(told, lines);
          await assertSame(path, options);
        } else {
          // A record within regular quotes has many lines, and where quotes are
          // irregular each part decides for itself, so only this is sure.
          assert(told <= lines && told > 0.9 * lines, `${told} of ${lines}`);
        }
      }
      const strict = { format: name, blockBytes: LEAST };
      if (isExact) assert.equal(await assertSame(path, strict), 0);
    });
  });
});
