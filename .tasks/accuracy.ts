/**
 * `deno task bench:accuracy [NAME …]`: measures how good detectors and forecasts are, on the
 * public data of `LATENCY_LAB_DATA` and on generated logs, and writes
 * `tests/bench/accuracy.json`, from which `deno task readme` copies tables into
 * the README and `tests/bench/accuracy.md`. Each measurement runs alone and
 * leaves the results of the others as they are.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { alarmRate } from "../tests/bench/accuracy/alarm_rate.ts";
import { conformalCoverage } from "../tests/bench/accuracy/conformal_coverage.ts";
import { incidentsFound } from "../tests/bench/accuracy/incidents_found.ts";
import type { AccuracyMeasurement } from "../tests/bench/accuracy/measurement.ts";
import {
  nabAblation,
  nabHeldOut,
} from "../tests/bench/accuracy/nab_ablation.ts";
import { nabScores } from "../tests/bench/accuracy/nab_scores.ts";
import { noiseSkill } from "../tests/bench/accuracy/noise_skill.ts";
import { publicForecasts } from "../tests/bench/accuracy/public_forecasts.ts";
import {
  seriesAblation,
  seriesElsewhere,
  seriesHeldOut,
  seriesScores,
} from "../tests/bench/accuracy/series_hybrid.ts";
import { spikeWarnings } from "../tests/bench/accuracy/spike_warnings.ts";
import {
  accuracyTable,
  readAccuracy,
  withAccuracy,
  writeAccuracy,
} from "../tests/bench/accuracy_file.ts";
import { fromCaller, headCommit } from "./project.ts";

const MEASUREMENTS: readonly AccuracyMeasurement[] = [
  publicForecasts,
  conformalCoverage,
  noiseSkill,
  nabScores,
  nabAblation,
  nabHeldOut,
  seriesScores,
  seriesAblation,
  seriesElsewhere,
  seriesHeldOut,
  alarmRate,
  incidentsFound,
  spikeWarnings,
];
const DEFAULT_DATA = "../shared/data";

async function main(): Promise<number> {
  const { positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
  });
  const names = MEASUREMENTS.map(({ name }) => name);
  if (positionals.some((asked) => !names.includes(asked))) {
    console.error(
      `Usage: deno task bench:accuracy [NAME …], NAME among ${
        names.join(", ")
      }`,
    );
    return 2;
  }
  const data = fromCaller(Deno.env.get("LATENCY_LAB_DATA") ?? DEFAULT_DATA);
  if (!await Deno.stat(data).then(() => true, () => false)) {
    console.error(
      `Cannot measure without the public data: ${data} is not there. ` +
        "`deno task data:public DIR` downloads them, LATENCY_LAB_DATA=DIR names the folder",
    );
    return 1;
  }
  const chosen = MEASUREMENTS.filter(({ name }) =>
    positionals.length === 0 || positionals.includes(name)
  );
  const commit = await headCommit();
  for (const { name, title, run } of chosen) {
    const start = performance.now();
    const tables = await run({ data, report: console.error });
    const date = new Date().toISOString().slice(0, 10);
    const result = { name, title, date, commit, ...tables };
    writeAccuracy(withAccuracy(readAccuracy(), result));
    const seconds = (performance.now() - start) / 1000;
    console.error(`${name} took ${seconds.toFixed(0)} s`);
    console.log(`\n${title}\n${accuracyTable(result)}`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main());
