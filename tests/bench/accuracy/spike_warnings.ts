/**
 * Warnings of spikes and failures on generated logs, beside limits on the last
 * value.
 *
 * @module
 */

import { spikeAccuracy, type SpikeRow } from "../spike_cases.ts";
import type { TableRow } from "lib/show/tables.ts";
import type { AccuracyMeasurement } from "./measurement.ts";

/** Settings were chosen on seeds 100 to 119. */
const FIRST_SEED = 200;
const SEEDS = 20;

/** The measurement. */
export const spikeWarnings: AccuracyMeasurement = {
  name: "spikes",
  title: `Warnings before incidents of ${SEEDS} generated logs`,
  async run({ report }) {
    report(`Warnings on ${SEEDS} logs …`);
    const seeds = Array.from({ length: SEEDS }, (_, k) => FIRST_SEED + k);
    const rows = await spikeAccuracy(seeds);
    return { rows: rows.map(shown), details: rows.map(atOneFalseADay) };
  },
};

function shown(row: SpikeRow): TableRow {
  return {
    method: row.method,
    incidents: row.incidents,
    "PR area": row.prArea,
    precision: row.precision,
    recall: row.recall,
    "median lead (min)": row.medianLeadMinutes,
    "false warnings a day": row.falseWarningsPerDay,
    precursors: `${row.precursorsWarned} of ${row.precursors}`,
    "decoys warned of": `${row.decoysWarned} of ${row.decoys}`,
  };
}

function atOneFalseADay(row: SpikeRow): TableRow {
  const { precision, recall, precursorsWarned, decoysWarned } =
    row.atOneFalseADay;
  return {
    method: row.method,
    "PR area of those with precursors": row.prAreaPrecursors,
    precision,
    recall,
    precursors: `${precursorsWarned} of ${row.precursors}`,
    "decoys warned of": `${decoysWarned} of ${row.decoys}`,
  };
}
