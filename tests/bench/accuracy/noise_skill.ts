/**
 * That there is no skill where there is nothing to know: the response times of
 * the reference's log are drawn without regard to anything. The second
 * notebook's network forecasts them, once by squared error of the log time and
 * once by pinball loss, beside the constants that are best on training rows.
 *
 * @module
 */

import {
  meanQuantileLoss,
  rootMeanSquaredError,
} from "../../../lib/evaluate/forecasts.ts";
import {
  firstRows,
  type ForecastInput,
  originsBetween,
} from "../../../lib/forecast/forecaster.ts";
import { RequestInputs } from "../../../lib/forecast/inputs.ts";
import { LstmForecaster } from "../../../lib/forecast/lstm.ts";
import { readRequestLog } from "../../../lib/logs/readers/mod.ts";
import { selectRequests } from "../../../lib/logs/request_log.ts";
import { chronologicalSplit } from "../../../lib/logs/windows.ts";
import { mean, quantile } from "../../../lib/numeric/statistics.ts";
import type { TableRow } from "../../../lib/show/tables.ts";
import { type Judged, judgedRows } from "./judged.ts";
import type { AccuracyMeasurement } from "./measurement.ts";

const SEEDS = 3;
const QUANTILES = [0.05, 0.5, 0.95];
const WINDOW = 50;
const PACE = { maximumWindows: 5000, epochs: 12 };

/** A loss, the network's options for it, and the best constants for it. */
type Loss = {
  name: string;
  options: { quantiles?: readonly number[] };
  lossOf: (judged: Judged) => number;
  constantsOf: (train: Float64Array) => number[];
};

const LOSSES: Loss[] = [
  {
    name: "squared error of the log time",
    options: {},
    lossOf: ({ actual, columns }) =>
      rootMeanSquaredError(actual, columns[0].values) ** 2,
    constantsOf: (train) => [mean(train)],
  },
  {
    name: "pinball loss of 5, 50 and 95 %",
    options: { quantiles: QUANTILES },
    lossOf: ({ actual, columns }) => meanQuantileLoss(actual, columns),
    constantsOf: (train) => QUANTILES.map((q) => quantile(train, q)),
  },
];

/** The measurement. */
export const noiseSkill: AccuracyMeasurement = {
  name: "noise",
  title: "Forecasts of the reference's log, which is noise",
  async run({ data, report }) {
    const { log } = await readRequestLog(
      `${data}/api-logs/reference_logs.csv`,
      { mode: "lenient" },
    );
    const count = log.sourceRow.length;
    const [train, , test] = chronologicalSplit(count, [0.8, 0.1, 0.1]);
    const first = Uint32Array.from({ length: train.end }, (_, k) => k);
    const input = RequestInputs.fit(selectRequests(log, first)).transform(log);
    const details: TableRow[] = [];
    for (const loss of LOSSES) {
      for (let seed = 0; seed < SEEDS; seed++) {
        report(`A network by ${loss.name}, seed ${seed} …`);
        const found = await compare(loss, input, { test, seed });
        details.push({ loss: loss.name, seed, ...found });
      }
    }
    return { rows: summaryOf(details), details };
  },
};

async function compare(
  { options, lossOf, constantsOf }: Loss,
  input: ForecastInput,
  { test, seed }: { test: { start: number; end: number }; seed: number },
): Promise<{ network: number; constant: number; skill: number }> {
  const known = firstRows(input, test.start);
  const model = await LstmForecaster.fit(known, {
    windowLength: WINDOW,
    validationFraction: 1 / 9,
    ...PACE,
    ...options,
    seed,
  });
  const forecast = model.forecast(
    input,
    originsBetween(WINDOW, { start: test.start - 1, end: test.end - 1 }),
  );
  model.dispose();
  const judged = judgedRows(forecast, input.target, () => true);
  const constants = constantsOf(known.target);
  const network = lossOf(judged);
  const constant = lossOf({
    ...judged,
    columns: judged.columns.map(({ quantile, values }, j) => ({
      quantile,
      values: values.map(() => constants[j]),
    })),
  });
  return { network, constant, skill: 1 - network / constant };
}

function summaryOf(details: readonly TableRow[]): TableRow[] {
  const groups = Map.groupBy(details, ({ loss }) => String(loss));
  return [...groups].map(([loss, group]) => {
    const of = (name: string) => group.map((row) => Number(row[name]));
    return {
      loss,
      seeds: group.length,
      network: mean(Float64Array.from(of("network"))),
      "best constant": mean(Float64Array.from(of("constant"))),
      "least skill": Math.min(...of("skill")),
      "greatest skill": Math.max(...of("skill")),
    };
  });
}
