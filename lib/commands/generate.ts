/**
 * `latency generate`: a synthetic request log with known incidents.
 *
 * @module
 */

import { formatIncidents, requestLogPieces } from "../logs/format_csv.ts";
import { generateLog } from "../logs/synthetic.ts";
import type { Arguments, Command, Output } from "./command.ts";
import { EXIT } from "./command.ts";
import { checkDistinctFiles, writeTo } from "./writing.ts";

/** The command. */
export const generateCommand: Command = {
  summary: "make a synthetic request log with known incidents",
  help: `Usage: latency generate [options]

Makes a request log with daily and weekly seasons, and incidents to find.

  --rows N             requests (default 50000)
  --days D             length in days (default 14)
  --seed S             seed of everything random (default 0)
  --out FILE           the log as CSV (default standard output)
  --incidents FILE     the known incidents as CSV`,
  options: {
    rows: { type: "string" },
    days: { type: "string" },
    seed: { type: "string" },
    out: { type: "string" },
    incidents: { type: "string" },
  },
  inputs: [0, 0],
  run: runGenerate,
};

/** More would not fit beside each other in memory. */
const MAXIMUM_ROWS = 10_000_000;

async function runGenerate(args: Arguments, output: Output): Promise<number> {
  const rows = args.number("rows", {
    minimum: 1,
    maximum: MAXIMUM_ROWS,
    integer: true,
  });
  const days = args.number("days", { minimum: 0.01, maximum: 3650 });
  const seed = args.seed();
  const incidentsFile = args.text("incidents");
  const outFile = args.text("out");
  checkDistinctFiles({ out: outFile, incidents: incidentsFile }, []);
  const { log, incidents } = generateLog({
    ...(rows === undefined ? {} : { rows }),
    ...(days === undefined ? {} : { days }),
    ...(seed === undefined ? {} : { seed }),
  });
  await writeTo(outFile, requestLogPieces(log), output);
  if (incidentsFile !== undefined) {
    await writeTo(incidentsFile, [formatIncidents(incidents)], output);
  }
  return EXIT.ok;
}
