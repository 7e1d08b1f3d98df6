import assert from "node:assert/strict";
import { nabScore } from "lib/evaluate/nab.ts";
import { metricSeries } from "lib/logs/series.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import {
  QUIET_ROWS,
  StreamDetector,
  type StreamDetectorOptions,
  type StreamScore,
  WARM_UP_ROWS,
} from "lib/monitor/stream_detector.ts";
import { STREAM_SETTINGS } from "lib/monitor/stream_settings.ts";
import { Random } from "lib/numeric/random.ts";
import { readNabSeries } from "../bench/nab_series.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const STEP_MS = 300_000;
const DAY = 288;

/** Scores values at a regular step. */
function scoresOf(
  values: ArrayLike<number>,
  options: StreamDetectorOptions = {},
): StreamScore[] {
  const detector = new StreamDetector(options);
  return Array.from(
    values,
    (value, row) => detector.push(row * STEP_MS, value),
  );
}

/** A day's wave with noise, in milliseconds. */
function usualDays(days: number, seed = 1): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(
    { length: days * DAY },
    (_, row) =>
      100 + 20 * Math.sin(2 * Math.PI * row / DAY) + 5 * random.normal(),
  );
}

function alarmsOf(scores: readonly StreamScore[]): number[] {
  return scores.flatMap(({ isAnomaly }, row) => isAnomaly ? [row] : []);
}

Deno.test("StreamDetector gives each row one score from 0 to below 1, none in the warm-up", () => {
  const scores = scoresOf(usualDays(10));
  assert(scores.every(({ score }) => score >= 0 && score < 1));
  assert(scores.every(({ threshold }) => threshold > 0 && threshold < 1));
  assert(scores.slice(0, WARM_UP_ROWS).every(({ score }) => score === 0));
  assert(scores.slice(WARM_UP_ROWS).some(({ score }) => score > 0.5));
});

Deno.test("StreamDetector flags exactly the scores above their thresholds", () => {
  const values = usualDays(14);
  values[3000] = 900;
  for (const { score, threshold, isAnomaly } of scoresOf(values)) {
    assert.equal(isAnomaly, score > threshold);
  }
});

Deno.test("StreamDetector does not look ahead", () => {
  const values = usualDays(6);
  const whole = scoresOf(values);
  const other = values.map((value, row) => row < 1000 ? value : 1e6 - value);
  assert.deepEqual(scoresOf(other).slice(0, 1000), whole.slice(0, 1000));
});

Deno.test("StreamDetector finds a spike in the row where it comes", () => {
  const values = usualDays(14);
  values[3500] = 1000;
  const [first, ...others] = alarmsOf(scoresOf(values)).filter((row) =>
    row >= 3400
  );
  assert.equal(first, 3500);
  assert.deepEqual(others, []);
});

Deno.test("StreamDetector is not masked by an outage of an hour 50 times the usual", () => {
  const values = usualDays(28);
  const outage = (from: number) => {
    for (let row = from; row < from + 12; row++) values[row] *= 50;
  };
  outage(3000);
  outage(3000 + 2 * DAY);
  const alarms = alarmsOf(scoresOf(values));
  assert(alarms.includes(3000), `${alarms}`);
  // The next one, alike, two days later, is as new.
  assert(alarms.some((row) => row >= 3000 + 2 * DAY && row < 3012 + 2 * DAY));
  // And a small one after it, five times the usual, is seen as well.
  values[3000 + 9 * DAY] *= 5;
  assert(alarmsOf(scoresOf(values)).includes(3000 + 9 * DAY));
});

Deno.test("StreamDetector takes a level that stays for the new normal within a day", () => {
  const values = usualDays(28).map((value, row) =>
    row < 3000 ? value : value + 400
  );
  const alarms = alarmsOf(scoresOf(values));
  assert(alarms.includes(3000));
  assert.deepEqual(alarms.filter((row) => row > 3000 + DAY), []);
});

Deno.test("StreamDetector scores a constant series 0, and a change in it as new", () => {
  const values = new Float64Array(1000).fill(7);
  assert(scoresOf(values).every(({ score }) => score === 0));
  values[900] = 8;
  const scores = scoresOf(values);
  const greatest = Math.max(...scores.map(({ score }) => score));
  assert.equal(scores[900].score, greatest);
});

Deno.test("StreamDetector scores negative values as it scores positive ones", () => {
  const values = usualDays(8);
  const mirrored = scoresOf(values.map((value) => value - 1e3));
  const scores = scoresOf(values);
  mirrored.forEach(({ score }, row) => {
    assert(Math.abs(score - scores[row].score) < 1e-6, `row ${row}`);
  });
});

Deno.test("StreamDetector says no more within the quiet rows than once", () => {
  const values = usualDays(14);
  for (let row = 3000; row < 3000 + QUIET_ROWS; row++) values[row] = 1000;
  const told = scoresOf(values).slice(3001, 3000 + QUIET_ROWS);
  assert(told.every(({ isAnomaly }) => !isAnomaly));
});

Deno.test("StreamDetector takes the views that its settings name", () => {
  const values = usualDays(14);
  values[3500] = 1000;
  const settings = { ...STREAM_SETTINGS, weights: { "mean of 3": 1 } };
  const detector = new StreamDetector({}, settings);
  const scores = Array.from(
    values,
    (value, row) => detector.push(row * STEP_MS, value),
  );
  assert(scores.every(({ view }) => view === "mean of 3"));
  assert(alarmsOf(scores).includes(3500));
});

Deno.test("StreamDetector forgets what its memory does not hold", () => {
  // A spike every 600 rows is new each time to a memory of 500 rows, and stale
  // to a long one.
  const random = new Random(4);
  const values = Float64Array.from(
    { length: 6000 },
    (_, row) => row % 600 === 599 ? 50 : random.normal(),
  );
  const late = (memory: number) => scoresOf(values, { memory })[5999].score;
  assert(late(500) > late(20_000));
});

Deno.test("StreamDetector alarms no more often than asked, on noise, drift and logs without incidents", () => {
  const weeks = 2;
  for (const alarmsPerWeek of [1, 5]) {
    const rates: Record<string, number> = {};
    const count = (name: string, values: ArrayLike<number>) => {
      const alarms = alarmsOf(scoresOf(values, { alarmsPerWeek })).length;
      rates[name] = (rates[name] ?? 0) + alarms / weeks / 8;
    };
    for (let seed = 0; seed < 8; seed++) {
      const random = new Random(seed, 9);
      const normal = Float64Array.from(
        { length: weeks * 7 * DAY },
        () => random.normal(),
      );
      count("noise", normal);
      let level = 0;
      count("a random walk", normal.map((value) => level += value));
      const { log } = generateLog({ seed, incidentCount: 0 });
      for (const metric of ["p50", "p95", "count", "error_rate"] as const) {
        count(metric, metricSeries(log, { metric, bucketMs: STEP_MS }).value);
      }
    }
    for (const [name, rate] of Object.entries(rates)) {
      assert(rate <= alarmsPerWeek, `${name}: ${rate} a week`);
    }
  }
});

Deno.test("StreamDetector tells the rate by the median step", () => {
  // The same values an hour apart: a week has 168 of them, not 2016, so that
  // the same rate allows more alarms a row.
  const values = usualDays(10);
  const hourly = new StreamDetector();
  const limits = values.map((value, row) => {
    // Rows twice, out of order or after a gap do not count as steps.
    const atMs = row % 50 === 49 ? (row - 2) * 3_600_000 : row * 3_600_000;
    return hourly.push(atMs, value).threshold;
  });
  const often = scoresOf(values)[limits.length - 1].threshold;
  const ratio = (often / (1 - often)) /
    (limits[limits.length - 1] / (1 - limits[limits.length - 1]));
  assert(ratio > 6, `${ratio}`);
});

Deno.test("StreamDetector rejects what is no number, and no rate", () => {
  const detector = new StreamDetector();
  for (const value of [NaN, Infinity]) {
    assert.throws(() => detector.push(0, value), RangeError);
    assert.throws(() => detector.push(value, 0), RangeError);
  }
  for (const alarmsPerWeek of [0, -1, NaN]) {
    assert.throws(() => new StreamDetector({ alarmsPerWeek }), {
      name: "RangeError",
      message: /alarmsPerWeek is/,
    });
  }
});

Deno.test({
  name: "StreamDetector has a standard score of 77 on the public benchmark",
  ignore: !DATA,
  async fn() {
    const all = await readNabSeries(`${DATA}/nab`);
    const scored = all.map((series) => {
      const detector = new StreamDetector();
      const score = series.value.map((value, row) =>
        detector.push(series.timestampMs[row], value).score
      );
      return { ...series, score };
    });
    const { score, found, windows } = nabScore(scored);
    assert(score >= 77, `${score}, ${found} of ${windows}`);
  },
});

Deno.test({
  name: "StreamDetector keeps its rate on a public series without incidents",
  ignore: !DATA,
  async fn() {
    const path = `${DATA}/cloud-monitoring/service-unavailable-01.csv`;
    const [, ...lines] = (await Deno.readTextFile(path)).trim().split("\n");
    const detector = new StreamDetector();
    const alarms = lines.filter((line) => {
      const [time, value] = line.replaceAll('"', "").split(",");
      return detector.push(Date.parse(time), Number(value)).isAnomaly;
    });
    const first = lines[0].slice(1, 21), last = lines.at(-1)!.slice(1, 21);
    const weeks = (Date.parse(last) - Date.parse(first)) / (7 * 86_400_000);
    assert(alarms.length <= weeks, `${alarms.length} in ${weeks} weeks`);
  },
});

Deno.test("StreamDetector stays finite on the largest numbers", () => {
  const values = usualDays(2).map((value, row) =>
    row === 500 ? Number.MAX_VALUE : row === 501 ? -Number.MAX_VALUE : value
  );
  const scores = scoresOf(values);
  assert(
    scores.every(({ score, threshold }) =>
      Number.isFinite(score) && Number.isFinite(threshold)
    ),
  );
  assert.equal(scores[500].score, 1);
});

Deno.test("StreamDetector finds a value that is usual at noon, but not at night", () => {
  const random = new Random(3);
  const values = Float64Array.from(
    { length: 28 * DAY },
    (_, row) =>
      100 - 40 * Math.cos(2 * Math.PI * row / DAY) + 5 * random.normal(),
  );
  const night = 21 * DAY + 36;
  values[night] = 140;
  const scores = scoresOf(values);
  assert.equal(scores[night].isAnomaly, true);
  assert.equal(scores[night].view, "value less its time of day");
  assert(alarmsOf(scores).length <= 4, `${alarmsOf(scores)}`);
});

Deno.test("StreamDetector finds that the daily peak did not come", () => {
  const random = new Random(3);
  const missing = 21 * DAY;
  const values = Float64Array.from({ length: 28 * DAY }, (_, row) => {
    const wave = -40 * Math.cos(2 * Math.PI * row / DAY);
    const isMissing = row >= missing && row < missing + DAY && wave > 0;
    return 100 + (isMissing ? 0 : wave) + 5 * random.normal();
  });
  const alarms = alarmsOf(scoresOf(values));
  assert(
    alarms.some((row) => row >= missing && row < missing + DAY),
    `${alarms}`,
  );
});
