/**
 * Logs of all formats, read in blocks of many sizes, which end at other bytes of
 * their records (`blocks_test.ts` has every byte).
 *
 * @module
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { MAX_LINE_BYTES } from "lib/logs/readers/lines.ts";
import { assertBytesSame } from "./both_ways.ts";
import { largeLogs } from "./large_logs.ts";

const LEAST = 2 * MAX_LINE_BYTES;
/** Longer than a record. */
const RECORD_BYTES = 211;
const STEP = 20;

for (const isBad of [false, true]) {
  const logs = largeLogs({ size: 2.1 * LEAST, seed: 63, isBad });
  const shorter = largeLogs({ size: LEAST + 20_000, seed: 64, isBad });
  logs.forEach(({ name, bytes, options }, k) => {
    const how = `${isBad ? "bad" : "good"} ${name}`;
    Deno.test(`readRequestChunks() reads ${how} as the whole is read, in blocks of any size`, async () => {
      for (const blockBytes of [1.3 * LEAST | 0, 2 * LEAST, 4 * LEAST]) {
        await assertBytesSame(gzipSync(bytes), { ...options, blockBytes });
      }
      const few = shorter[k].bytes;
      for (let more = isBad ? 0 : 10; more < RECORD_BYTES; more += STEP) {
        const blockBytes = LEAST + more;
        const parts = await assertBytesSame(few, { ...options, blockBytes });
        assert(parts >= 2, `${parts} parts`);
      }
    });
  });
}
