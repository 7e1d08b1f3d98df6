/**
 * Incidents of generated logs that the detectors of requests find, fitted on
 * one log and judged on others, as in the first notebook; decoys are none.
 *
 * @module
 */

import {
  AnomalyModel,
  DETECTION_METHODS,
  flagByFixedLimit,
} from "lib/analysis.ts";
import { mergeIncidents } from "lib/detect/incidents.ts";
import {
  daysSpanned,
  type JudgedRun,
  judgeIncidents,
  judgeRuns,
  type TimeSpan,
} from "lib/evaluate/range.ts";
import type { RequestLog } from "lib/logs/request_log.ts";
import { generateLog, isDecoy, type SyntheticLog } from "lib/logs/synthetic.ts";
import type { TableRow } from "lib/show/tables.ts";
import type { AccuracyMeasurement } from "./measurement.ts";

const FIRST_SEED = 320;
const SEEDS = 20;
/** The log that the project ships. */
const TRAINING_SEED = 0;
/** As in the first notebook. */
const SETTINGS = { alarmRate: 0.02, seed: 42, epochs: 50 };
const LIMIT_RATE = 0.01;

type Detector = { name: string; detect: (log: RequestLog) => TimeSpan[] };

/** The measurement. */
export const incidentsFound: AccuracyMeasurement = {
  name: "incidents",
  title: `Incidents found on ${SEEDS} generated logs that no model has seen`,
  async run({ report }) {
    const { log: train } = generateLog({ seed: TRAINING_SEED });
    const detectors = [limitDetector(train)];
    for (const method of DETECTION_METHODS) {
      report(`Fitting ${method} …`);
      detectors.push(await modelDetector(train, method));
    }
    const others = Array.from(
      { length: SEEDS },
      (_, k) => generateLog({ seed: FIRST_SEED + k }),
    );
    const rows: TableRow[] = [], details: TableRow[] = [];
    for (const { name, detect } of detectors) {
      report(`Judging ${name} on ${SEEDS} logs …`);
      const found = others.map(({ log }) => detect(log));
      rows.push(judgedRow(name, others, found));
      details.push({ detector: name, ...foundByKind(others, found) });
    }
    return { rows, details };
  },
};

function limitDetector(train: RequestLog): Detector {
  return {
    name: "fixed limit (p99)",
    detect: (log) =>
      mergeIncidents(flagByFixedLimit(train, log, LIMIT_RATE), {
        alarmRate: LIMIT_RATE,
      }),
  };
}

async function modelDetector(
  log: RequestLog,
  method: typeof DETECTION_METHODS[number],
): Promise<Detector> {
  const model = await AnomalyModel.fit({ kind: "requests", log }, {
    method,
    ...SETTINGS,
  });
  return {
    name: method,
    detect: (log) => model.incidents(model.score({ kind: "requests", log })),
  };
}

function judgedRow(
  detector: string,
  logs: readonly SyntheticLog[],
  found: readonly TimeSpan[][],
): TableRow {
  const runs = logs.map(({ log, incidents }, k): JudgedRun => ({
    detected: found[k],
    known: incidents.filter((known) => !isDecoy(known)),
    days: daysSpanned(log.timestampMs),
  }));
  const judged = judgeRuns(runs);
  return {
    detector,
    incidents: judged.known,
    "found (%)": percent(judged.recall),
    alarms: judged.detected,
    "precision (%)": percent(judged.precision),
    "false alarms a day": judged.falseAlarmsPerDay,
    "median delay (min)": judged.medianDelayMinutes,
  };
}

/** How many of each kind are found; decoys should not be. */
function foundByKind(
  logs: readonly SyntheticLog[],
  found: readonly TimeSpan[][],
): TableRow {
  const all = logs.flatMap(({ incidents }, k) =>
    incidents.map((known) => ({
      kind: known.kind,
      isFound: judgeIncidents(found[k], [known], { days: 1 }).found === 1,
    }))
  ).sort((a, b) => a.kind < b.kind ? -1 : 1);
  const kinds = Map.groupBy(all, ({ kind }) => kind);
  return Object.fromEntries(
    Array.from(kinds, ([kind, group]) => {
      const hits = group.filter(({ isFound }) => isFound).length;
      return [kind, `${hits} of ${group.length}`];
    }),
  );
}

function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : 100 * share;
}
