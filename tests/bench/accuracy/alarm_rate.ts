/**
 * How often the stream detector alarms where nothing is wrong, against the rate
 * asked for: a public series without incidents, and metrics of generated logs.
 *
 * @module
 */

import { join } from "node:path";
import { daysSpanned } from "lib/evaluate/range.ts";
import { metricSeries } from "lib/logs/series.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { StreamDetector } from "lib/monitor/stream_detector.ts";
import type { TableRow } from "lib/show/tables.ts";
import { readCloudSeries } from "../cloud_series.ts";
import type { LabelledSeries } from "../nab_series.ts";
import type { AccuracyMeasurement } from "./measurement.ts";

const SEEDS = 20;
const METRICS = ["p50", "p95", "count", "error_rate"] as const;
const BUCKET_MS = 300_000;
const RATES = [1, 5];
const PUBLIC_SERIES = "service-unavailable-01";

type Timed = Pick<LabelledSeries, "timestampMs" | "value">;

/** The measurement. */
export const alarmRate: AccuracyMeasurement = {
  name: "alarms",
  title: "Alarms of the stream detector where nothing is wrong",
  async run({ data, report }) {
    const folder = join(data, "cloud-monitoring");
    const groups = new Map<string, Timed[]>([
      [`${PUBLIC_SERIES}.csv`, await readCloudSeries(folder, PUBLIC_SERIES)],
      ...METRICS.map((metric): [string, Timed[]] => [metric, []]),
    ]);
    for (let seed = 0; seed < SEEDS; seed++) {
      report(`Log ${seed + 1} of ${SEEDS} …`);
      const { log } = generateLog({ seed, incidentCount: 0 });
      for (const metric of METRICS) {
        const series = metricSeries(log, { metric, bucketMs: BUCKET_MS });
        groups.get(metric)?.push(series);
      }
    }
    const rows = [...groups].flatMap(([series, group]) =>
      RATES.map((rate) => ({ series, ...alarmsOf(group, rate) }))
    );
    return { rows };
  },
};

function alarmsOf(group: readonly Timed[], alarmsPerWeek: number): TableRow {
  const alarms = group.map((series) => countAlarms(series, alarmsPerWeek));
  const weeks = group.map(({ timestampMs }) => daysSpanned(timestampMs) / 7);
  const total = (values: number[]) => values.reduce((sum, each) => sum + each);
  return {
    "series of it": group.length,
    weeks: total(weeks),
    "asked for, a week": alarmsPerWeek,
    "alarms, a week": total(alarms) / total(weeks),
    "most of a series, a week": Math.max(
      ...alarms.map((count, k) => count / weeks[k]),
    ),
  };
}

function countAlarms({ timestampMs, value }: Timed, rate: number): number {
  const detector = new StreamDetector({ alarmsPerWeek: rate });
  return value.filter((each, row) =>
    detector.push(timestampMs[row], each).isAnomaly
  ).length;
}
