/**
 * How good warnings of spikes are, beside limits on the last value, on
 * generated logs. Prints a table and, last, one line of JSON.
 *
 *     deno run -A tests/bench/spike_accuracy.ts [--first 200] [--count 20]
 *
 * Settings were chosen on seeds 100 to 119.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { spikeAccuracy } from "./spike_cases.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      first: { type: "string", default: "200" },
      count: { type: "string", default: "20" },
    },
  });
  const first = Number(values.first);
  const count = Number(values.count);
  const rows = await spikeAccuracy(
    Array.from({ length: count }, (_, k) => first + k),
  );
  const round = (value: number) => Math.round(1000 * value) / 1000;
  console.table(rows.map((row) => ({
    method: row.method,
    "PR area": round(row.prArea),
    "of precursors": round(row.prAreaPrecursors),
    precision: round(row.precision),
    recall: round(row.recall),
    "lead, min": round(row.medianLeadMinutes),
    "false a day": round(row.falseWarningsPerDay),
    precursors: `${row.precursorsWarned}/${row.precursors}`,
    decoys: `${row.decoysWarned}/${row.decoys}`,
    "recall at 1 false a day": round(row.atOneFalseADay.recall),
  })));
  console.log(JSON.stringify({ first, count, rows }));
}

if (import.meta.main) await main();
