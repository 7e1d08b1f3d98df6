/**
 * How often 90 % intervals hold what comes: on generated services, 5,000 steps
 * of five minutes after calibration, an hour ahead, for each of 20 seeds. One
 * network for all of them, and exponential smoothing, each as it is, calibrated
 * once (split conformal) and as the series goes on (adaptive).
 *
 * @module
 */

import { baselineModels } from "../../../lib/evaluate/baseline_models.ts";
import { AdaptiveConformalForecaster } from "../../../lib/forecast/adaptive_conformal.ts";
import { ConformalForecaster } from "../../../lib/forecast/conformal.ts";
import {
  firstRows,
  type Forecaster,
  type ForecastInput,
} from "../../../lib/forecast/forecaster.ts";
import { sliceSeries } from "../../../lib/forecast/inputs.ts";
import { LstmForecaster } from "../../../lib/forecast/lstm.ts";
import { SERIES_NETWORK } from "../../../lib/forecast/network_settings.ts";
import { ReferencedInputs } from "../../../lib/forecast/referenced_inputs.ts";
import { metricSeries } from "../../../lib/logs/series.ts";
import {
  generateLog,
  type KnownIncident,
} from "../../../lib/logs/synthetic.ts";
import { mean } from "../../../lib/numeric/statistics.ts";
import type { TableRow } from "../../../lib/show/tables.ts";
import { coverageOf, judgedRows } from "./judged.ts";
import type { AccuracyMeasurement } from "./measurement.ts";

const SEEDS = 20;
const METRICS = ["p50", "p95", "count"] as const;
const BUCKET_MS = 300_000;
const SEASON = 288;
const HORIZON = 12;
const QUANTILES = [0.05, 0.5, 0.95];
const TRAIN_END = 7 * SEASON;
const KNOWN_END = 10 * SEASON;
const LATER_POINTS = 5000;
const WINDOW = 48;

type Case = {
  seed: number;
  metric: typeof METRICS[number];
  input: ForecastInput;
  /** 1 where an incident is going on. */
  isIncident: Uint8Array;
};

/** What one forecaster covered on one series. */
type Coverage = {
  seed: number;
  metric: string;
  forecaster: string;
  intervals: string;
  /** The share over all steps ahead. */
  all: number;
  /** The same at each step. */
  bySteps: number[];
  /** The share of rows within incidents; NaN where there is none. */
  inIncidents: number;
};

/** The measurement. */
export const conformalCoverage: AccuracyMeasurement = {
  name: "conformal-coverage",
  title: `90 % intervals on ${LATER_POINTS} later steps of ${SEEDS} services`,
  async run({ report }) {
    report(`Generating ${SEEDS} logs …`);
    const cases = Array.from({ length: SEEDS }, (_, seed) => casesOf(seed))
      .flat();
    report(`One network for ${cases.length} series …`);
    const lstm = await LstmForecaster.fit(
      cases.map(({ input }) => firstRows(input, TRAIN_END)),
      {
        ...SERIES_NETWORK,
        windowLength: WINDOW,
        horizon: HORIZON,
        quantiles: QUANTILES,
      },
    );
    const found: Coverage[] = [];
    for (const each of cases) {
      report(`Intervals of ${each.metric}, seed ${each.seed} …`);
      found.push(...await coveragesOf(each, lstm));
    }
    lstm.dispose();
    return {
      rows: summaryOf(found, () => ({})),
      details: summaryOf(found, ({ metric }) => ({ metric })),
    };
  },
};

function casesOf(seed: number): Case[] {
  const { log, incidents } = generateLog({ rows: 600_000, days: 28, seed });
  return METRICS.map((metric) => {
    const series = metricSeries(log, { metric, bucketMs: BUCKET_MS });
    const inputs = ReferencedInputs.fit(sliceSeries(series, 0, TRAIN_END), {
      horizon: HORIZON,
    });
    const isIncident = incidentMask(series.timestampMs, incidents);
    return { seed, metric, input: inputs.transform(series), isIncident };
  });
}

function incidentMask(
  timestampMs: Float64Array,
  incidents: readonly KnownIncident[],
): Uint8Array {
  return Uint8Array.from(
    timestampMs,
    (from) =>
      Number(
        incidents.some(({ kind, startMs, endMs }) =>
          kind !== "decoy_ramp" && startMs < from + BUCKET_MS && endMs > from
        ),
      ),
  );
}

async function coveragesOf(
  each: Case,
  lstm: LstmForecaster,
): Promise<Coverage[]> {
  const { input } = each;
  const train = firstRows(input, TRAIN_END);
  const smoothing = baselineModels({
    season: SEASON,
    horizon: HORIZON,
    quantiles: QUANTILES,
  }).find(({ name }) => name === "exponential_smoothing");
  const bases: Record<string, Forecaster> = {
    lstm: remembered(lstm, input),
    ...(smoothing ? { exponential_smoothing: await smoothing.fit(train) } : {}),
  };
  const known = firstRows(input, KNOWN_END);
  return Object.entries(bases).flatMap(([forecaster, base]) => {
    const kinds: Record<string, Forecaster> = {
      "as they are": base,
      "calibrated once": ConformalForecaster.fit(base, known, {
        start: TRAIN_END,
      }),
      "adaptive": AdaptiveConformalForecaster.fit(base, known, {
        start: TRAIN_END,
      }),
    };
    return Object.entries(kinds).map(([intervals, model]) => ({
      seed: each.seed,
      metric: each.metric,
      forecaster,
      intervals,
      ...coverage(model, each),
    }));
  });
}

function coverage(
  model: Forecaster,
  { input, isIncident }: Case,
): Pick<Coverage, "all" | "bySteps" | "inIncidents"> {
  const origins = Uint32Array.from(
    { length: LATER_POINTS },
    (_, k) => KNOWN_END - 1 + k,
  );
  const forecast = model.forecast(input, origins);
  const { observed, target } = input;
  const isSeen = (row: number) => observed?.[row] !== 0;
  const rows = judgedRows(forecast, target, isSeen);
  const incidents = judgedRows(
    forecast,
    target,
    (row) => isSeen(row) && isIncident[row] === 1,
  );
  const bySteps = Array.from({ length: HORIZON }, (_, k) =>
    coverageOf(
      judgedRows(
        forecast,
        target,
        (row, step) => step === k + 1 && isSeen(row),
      ),
    ));
  return {
    all: coverageOf(rows),
    bySteps,
    inIncidents: incidents.actual.length > 0 ? coverageOf(incidents) : NaN,
  };
}

/** One row a forecaster, kind of interval and what else is told apart. */
function summaryOf(
  found: readonly Coverage[],
  labelsOf: (each: Coverage) => TableRow,
): TableRow[] {
  const groups = Map.groupBy(found, (each) => {
    const { forecaster, intervals } = each;
    return JSON.stringify({ ...labelsOf(each), forecaster, intervals });
  });
  return [...groups].map(([labels, group]) => {
    const bySteps = group.flatMap((each) => each.bySteps);
    const inIncidents = group.map((each) => each.inIncidents)
      .filter(Number.isFinite);
    return {
      ...JSON.parse(labels),
      "covers (%)": percent(group.map(({ all }) => all)),
      "least seed": 100 * Math.min(...group.map(({ all }) => all)),
      "greatest seed": 100 * Math.max(...group.map(({ all }) => all)),
      "least seed and step": 100 * Math.min(...bySteps),
      "greatest seed and step": 100 * Math.max(...bySteps),
      "within incidents (%)": percent(inIncidents),
    };
  });
}

function percent(shares: readonly number[]): number {
  return 100 * mean(Float64Array.from(shares));
}

/** The same forecaster with all forecasts made once, for it is asked thrice. */
function remembered(base: Forecaster, input: ForecastInput): Forecaster {
  const first = base.historyLength - 1;
  const all = base.forecast(
    input,
    Uint32Array.from(
      { length: input.target.length - first },
      (_, k) => first + k,
    ),
  );
  const size = base.horizon * base.quantiles.length;
  return {
    kind: base.kind,
    historyLength: base.historyLength,
    horizon: base.horizon,
    quantiles: base.quantiles,
    forecast: (_, origins) => {
      const values = new Float64Array(origins.length * size);
      origins.forEach((origin, i) => {
        const at = (origin - first) * size;
        values.set(all.values.subarray(at, at + size), i * size);
      });
      return { ...all, origins: origins.slice(), values };
    },
    toJSON: () => base.toJSON(),
  };
}
