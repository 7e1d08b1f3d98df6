import assert from "node:assert/strict";
import { categoriesOf } from "lib/logs/request_log.ts";
import { Random } from "lib/numeric/random.ts";
import {
  anomalyScatter,
  barComparison,
  distributionPlot,
  type Figure,
  forecastPlot,
  levelTimeline,
  lossCurves,
  rollingPlot,
  scoreHistogram,
  timelinePlot,
} from "lib/show/mod.ts";
import { numberOf, pointsOf, shapesOf, textsOf } from "./svg_reader.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2025, 0, 6);

/** The plot's area lies between these pixels, left and right, as margins say. */
const LEFT = 64;
const RIGHT = 840 - 40;
/** Number axes leave so many pixels free at their ends. */
const INSET = 6;

/** n draws around 100 with one spike of 900 in the middle. */
function spiked(n: number): Float64Array {
  const random = new Random(1);
  return Float64Array.from(
    { length: n },
    (_, i) => i === n >> 1 ? 900 : 100 + random.normal(),
  );
}

function everyMinute(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => START_MS + 60_000 * i);
}

Deno.test("anomalyScatter() draws one mark a request and says so in words", () => {
  const figure = anomalyScatter({
    hour: Float64Array.of(0, 12, 24, 6),
    responseTimeMs: Float64Array.of(100, 120, 110, 900),
    anomaly: Uint8Array.of(0, 0, 0, 1),
  });
  const dots = shapesOf(figure, "normal");
  assert.equal(dots.length, 3);
  assert.deepEqual(dots.map((dot) => numberOf(dot, "cx")), [
    LEFT,
    (LEFT + RIGHT) / 2,
    RIGHT,
  ]);
  assert.equal(shapesOf(figure, "anomalies").length, 1);
  assert.equal(
    figure.alt,
    "Response time by hour of day. x: Hour of day (UTC); y: Response time (ms). " +
      "1 of 4 (25.0 %) requests are anomalous; normal (ms): 100 to 120; anomalies (ms): 900.",
  );
});

Deno.test("anomalyScatter() samples normal requests and keeps every anomaly", () => {
  const n = 50_000;
  const figure = anomalyScatter({
    hour: Float64Array.from({ length: n }, (_, i) => 24 * i / n),
    responseTimeMs: spiked(n),
    anomaly: Uint8Array.from({ length: n }, (_, i) => i % 100 === 0 ? 1 : 0),
  });
  assert.equal(shapesOf(figure, "normal").length, 3000);
  assert.equal(shapesOf(figure, "anomalies").length, 500);
  assert.ok(
    textsOf(figure).includes(
      "500 of 50,000 (1.0 %) requests are anomalous · " +
        "3,000 of 49,500 normal requests drawn, evenly sampled",
    ),
  );
});

Deno.test("anomalyScatter() counts what a logarithmic axis cannot show", () => {
  const figure = anomalyScatter({
    hour: Float64Array.of(1, 2),
    responseTimeMs: Float64Array.of(0, 100),
    anomaly: new Uint8Array(2),
  }, { logY: true });
  assert.equal(shapesOf(figure, "normal").length, 1);
  assert.match(
    textsOf(figure).join(" "),
    /1 value ≤ 0 left out by the logarithmic axis/,
  );
});

Deno.test("scoreHistogram() puts the threshold where it belongs", () => {
  const figure = scoreHistogram(Float64Array.of(0, 0, 0, 10), {
    threshold: 5,
  });
  const [line] = shapesOf(figure, "threshold");
  assert.equal(numberOf(line, "x1"), (LEFT + RIGHT) / 2);
  // 0 in the first bin, 10 in the last.
  const heights = shapesOf(figure, "bins")
    .map((bar) => numberOf(bar, "height"));
  assert.equal(heights.length, 2);
  assert.ok(Math.abs(heights[0] / heights[1] - 3) < 1e-9);
  const [zone] = shapesOf(figure, "anomalous side");
  assert.ok(
    Math.abs(numberOf(zone, "width") - ((RIGHT - LEFT) / 2 - INSET)) < 1e-9,
  );
  assert.equal(
    figure.alt,
    "Anomaly scores. x: Score (higher is more anomalous); y: Rows. " +
      "1 of 4 (25.0 %) above the threshold 5; 4 scores: 0 to 10.",
  );
});

Deno.test("scoreHistogram() spaces decades evenly on a logarithmic axis", () => {
  const figure = scoreHistogram(Float64Array.of(0.005, 1, 200), {
    threshold: 1,
    logX: true,
  });
  // From 0.005 to 200, 1 is in the middle of the logarithm.
  const [line] = shapesOf(figure, "threshold");
  const middle = (LEFT + RIGHT) / 2;
  assert.ok(Math.abs(numberOf(line, "x1") - middle) < 1e-6);
  assert.equal(shapesOf(figure, "bins").length, 3);
  const ticks = textsOf(figure);
  for (const tick of ["0.01", "0.1", "1", "10", "100"]) {
    assert.ok(ticks.includes(tick), tick);
  }
});

Deno.test("lossCurves() marks the epoch of the lowest validation loss", () => {
  const history = {
    trainingLoss: [4, 2, 1],
    validationLoss: [5, 3, 3.5],
    bestEpoch: 2,
  };
  const figure = lossCurves(history);
  const [line] = shapesOf(figure, "best epoch");
  assert.equal(numberOf(line, "x1"), (LEFT + RIGHT) / 2); // 2 of 1 to 3
  assert.equal(pointsOf(shapesOf(figure, "training")[0]).length, 3);
  const validation = pointsOf(shapesOf(figure, "validation")[0]);
  assert.equal(validation.length, 3);
  const [ring] = shapesOf(figure, "best loss");
  assert.ok(Math.abs(numberOf(ring, "cy") - validation[1][1]) < 0.01);
  assert.equal(
    figure.alt,
    "Loss by epoch. x: Epoch; y: Loss (mean squared error). 3 epochs; " +
      "best epoch 2, validation loss 3; training loss from 4 to 1; validation loss from 5 to 3.5.",
  );
});

Deno.test("lossCurves() takes an empty validation loss for none", () => {
  const figure = lossCurves({
    trainingLoss: [3, 1],
    validationLoss: [],
    bestEpoch: 2,
  });
  assert.ok(!textsOf(figure).join().includes("Validation"));
  assert.match(figure.alt, /best epoch 2, training loss 1;/);
});

Deno.test("forecastPlot() draws the last rows, anomalies and the zone above the threshold", () => {
  const observed = Float64Array.of(500, 0, 100, 50, 100);
  const figure = forecastPlot({
    observed,
    forecast: Float64Array.of(0, 50, 50, 50, 50),
    anomaly: Uint8Array.of(1, 0, 1, 0, 1),
    threshold: 75,
  }, { last: 4 });
  const line = pointsOf(shapesOf(figure, "observed")[0]);
  assert.deepEqual([line.length, line[0][0], line[3][0]], [
    4,
    LEFT + INSET,
    RIGHT - INSET,
  ]);
  assert.equal(shapesOf(figure, "anomalies").length, 2);
  // The threshold lies 3/4 of the way from the lowest to the highest value,
  // which stand in the first and the second row drawn.
  const [[, low], [, high]] = line;
  const [[, threshold]] = pointsOf(shapesOf(figure, "threshold")[0]);
  assert.ok(Math.abs(threshold - (low + 0.75 * (high - low))) < 0.01);
  assert.equal(shapesOf(figure, "anomaly zone").length, 1);
  // Absolute errors 50, 50, 0, 50.
  assert.equal(
    figure.alt,
    "Observed and forecast. x: Row in time order; y: Response time (ms). " +
      "last 4 of 5 rows; 2 anomalies; mean absolute error 37.5; threshold 75; observed 0 to 100.",
  );
});

Deno.test("forecastPlot() puts equal ratios at equal distances on a logarithmic axis", () => {
  const figure = forecastPlot({
    observed: Float64Array.of(10, 100, 1000, 0),
    forecast: Float64Array.of(100, 100, 100, 100),
    anomaly: new Uint8Array(4),
    threshold: 500,
  }, { logY: true });
  const [path] = shapesOf(figure, "observed");
  const [low, middle, high, none] = pointsOf(path).map(([, y]) => y);
  assert.ok(Math.abs((low - middle) - (middle - high)) < 0.01);
  assert.equal(none, undefined);
  assert.match(figure.alt, /1 value ≤ 0 left out by the logarithmic axis/);
});

Deno.test("forecastPlot() follows a threshold of its own for each row", () => {
  const figure = forecastPlot({
    observed: Float64Array.of(1, 2, 3),
    forecast: Float64Array.of(2, 2, 2),
    anomaly: new Uint8Array(3),
    threshold: Float64Array.of(3, 4, 5),
    timestampMs: everyMinute(3),
  });
  const heights = pointsOf(shapesOf(figure, "threshold")[0]).map(([, y]) => y);
  assert.ok(heights[0] > heights[1] && heights[1] > heights[2]);
  assert.match(figure.alt, /x: Time \(UTC\); .* threshold 3 to 5;/);
});

Deno.test("timelinePlot() keeps the spike of a long series", () => {
  const n = 50_001;
  const timestampMs = everyMinute(n);
  const figure = timelinePlot({ timestampMs, value: spiked(n) });
  const points = pointsOf(shapesOf(figure, "values")[0]);
  assert.ok(points.length <= 502);
  const [x] = points.reduce((a, b) => b[1] < a[1] ? b : a);
  assert.ok(Math.abs(x - (LEFT + RIGHT) / 2) < 0.01);
  assert.match(figure.alt, /highest 900 at 2025-01-23 08:40/); // 25,000 minutes
});

Deno.test("timelinePlot() gives known and detected incidents a lane each", () => {
  const figure = timelinePlot({
    timestampMs: everyMinute(101),
    value: spiked(101),
  }, {
    known: [
      { startMs: START_MS, endMs: START_MS + 50 * 60_000 },
      { startMs: 0, endMs: 1 }, // long before: counted, clipped away
    ],
    detected: [{
      startMs: START_MS + 25 * 60_000,
      endMs: START_MS + 75 * 60_000,
    }],
    threshold: 200,
  });
  const [known] = shapesOf(figure, "known incidents");
  const [detected] = shapesOf(figure, "detected incidents");
  const half = (RIGHT - LEFT) / 2;
  assert.match(
    figure.svg,
    /<g clip-path="url[^>]*aria-description="known incidents"/,
  );
  assert.deepEqual(
    [numberOf(known, "x"), numberOf(known, "width")],
    [LEFT, half],
  );
  assert.deepEqual(
    [numberOf(detected, "x"), numberOf(detected, "width")],
    [LEFT + half / 2, half],
  );
  assert.equal(numberOf(detected, "y") - numberOf(known, "y"), 18);
  assert.equal(shapesOf(figure, "threshold").length, 1);
  assert.equal(
    figure.alt,
    "Response time and incidents. x: Time (UTC); y: Response time (ms). " +
      "known: 2 incidents; detected: 1 incident; " +
      "101 values, 2025-01-06 00:00 to 2025-01-06 01:40; " +
      "highest 900 at 2025-01-06 00:50; Threshold 200.",
  );
});

Deno.test("rollingPlot() draws the mean in the middle of its band", () => {
  const figure = rollingPlot({
    timestampMs: everyMinute(3),
    mean: Float64Array.of(100, 120, 110),
    standardDeviation: Float64Array.of(10, 10, 10),
  });
  const mean = pointsOf(shapesOf(figure, "mean")[0]);
  const band = pointsOf(shapesOf(figure, "band")[0]);
  // An area runs along one border and back along the other.
  const middle = (band[0][1] + band[band.length - 1][1]) / 2;
  assert.ok(Math.abs(mean[0][1] - middle) < 0.01);
  assert.equal(
    figure.alt,
    "Rolling mean of the response time. x: Time (UTC); y: Response time (ms). " +
      "5-minute mean 100 to 120; standard deviation 10; 2025-01-06 00:00 to 2025-01-06 00:02.",
  );
});

Deno.test("levelTimeline() stacks levels by the hour", () => {
  const figure = levelTimeline({
    timestampMs: Float64Array.of(0, 1, 2, HOUR_MS, HOUR_MS + 1)
      .map((ms) => START_MS + ms),
    level: categoriesOf(["notice", "error", "error", "error", "error"]),
  });
  // First hour: 2 errors and 1 notice; second hour: 2 errors.
  const blocks = shapesOf(figure, "events");
  assert.deepEqual(blocks.map((block) => numberOf(block, "x") > LEFT + 1), [
    false, // errors of the first hour
    true,
    false, // the notice above them
  ]);
  const [errors, , notice] = blocks;
  const bottom = numberOf(notice, "y") + numberOf(notice, "height");
  assert.ok(Math.abs(bottom - numberOf(errors, "y")) < 1);
  const ratio = numberOf(errors, "height") / numberOf(notice, "height");
  assert.ok(Math.abs(ratio - 2) < 0.05);
  assert.equal(
    figure.alt,
    "Events by level. x: Time (UTC); y: Events per hour. " +
      "5 events; 2025-01-06 00:00 to 2025-01-06 01:00; error 4; notice 1.",
  );
});

Deno.test("levelTimeline() takes a coarser step for a longer log, and joins rare levels", () => {
  const levels = Array.from({ length: 45 }, (_, i) => `level ${i % 9}`);
  const figure = levelTimeline({
    timestampMs: Float64Array.from(
      levels,
      (_, i) => START_MS + 24 * i * HOUR_MS,
    ),
    level: categoriesOf(levels),
  });
  assert.match(figure.alt, /Events per 6 hours\. .* 2 others 10\.$/);
});

Deno.test("barComparison() draws bars as long as their values, of one name too", () => {
  const figure = barComparison([
    { label: "LSTM", value: 10, baseline: false },
    { label: "LSTM", value: 20, baseline: false },
    { label: "<script>", value: 15.5, baseline: true },
  ]);
  const bars = shapesOf(figure, "bars");
  const widths = bars.map((bar) => numberOf(bar, "width"));
  assert.ok(Math.abs(widths[1] / widths[0] - 2) < 1e-9);
  assert.equal(bars[0].getAttribute("fill"), bars[1].getAttribute("fill"));
  assert.notEqual(bars[0].getAttribute("fill"), bars[2].getAttribute("fill"));
  const texts = textsOf(figure);
  for (const text of ["LSTM", "<script>", "10.0", "20.0", "15.5"]) {
    assert.ok(texts.includes(text), text);
  }
  assert.equal(
    figure.alt,
    "Models compared. x: Mean absolute error (ms, lower is better). " +
      "LSTM 10.0; LSTM 20.0; <script> (baseline) 15.5.",
  );
});

Deno.test("distributionPlot() draws the largest groups first, with their medians", () => {
  const figure = distributionPlot(
    Float64Array.of(10, 1000, 100, 100, 0),
    categoriesOf(["a", "b", "b", "b", "c"]),
  );
  // 100 is the middle of 10 to 1000; names take more room left.
  const [median] = shapesOf(figure, "medians");
  assert.ok(Math.abs(numberOf(median, "x1") - (210 + RIGHT) / 2) < 1e-6);
  // b: one and two values; a: one, as tall as the tallest of b.
  const heights = shapesOf(figure, "bins")
    .map((bar) => numberOf(bar, "height"));
  assert.equal(heights.length, 3);
  assert.ok(Math.abs(2 * heights[1] - heights[0]) < 1e-9);
  assert.equal(heights[2], heights[0]);
  assert.equal(
    figure.alt,
    "Response time by group. x: Response time (ms). " +
      "2 groups; each scaled to its own tallest bin; " +
      "1 value ≤ 0 left out by the logarithmic axis; " +
      "b median 100 (3 values); a median 10 (1 value).",
  );
});

Deno.test("distributionPlot() draws the eight largest groups", () => {
  const groups = Array.from({ length: 12 }, (_, k) => `g${Math.max(k, 3)}`);
  const figure = distributionPlot(
    new Float64Array(12).fill(100),
    categoriesOf(groups),
  );
  assert.equal(shapesOf(figure, "medians").length, 8);
  assert.match(
    figure.alt,
    /the 8 largest of 9 groups; .* g3 median 100 \(4 values\); g4 /,
  );
});

const NONE = new Float64Array(0);
const NO_FLAGS = new Uint8Array(0);
const EMPTY: Record<string, () => Figure> = {
  anomalyScatter: () =>
    anomalyScatter({ hour: NONE, responseTimeMs: NONE, anomaly: NO_FLAGS }),
  scoreHistogram: () => scoreHistogram(NONE, { threshold: 1 }),
  lossCurves: () =>
    lossCurves({ trainingLoss: [], validationLoss: [], bestEpoch: 1 }),
  forecastPlot: () =>
    forecastPlot({
      observed: NONE,
      forecast: NONE,
      anomaly: NO_FLAGS,
      threshold: 1,
    }),
  timelinePlot: () => timelinePlot({ timestampMs: NONE, value: NONE }),
  rollingPlot: () =>
    rollingPlot({ timestampMs: NONE, mean: NONE, standardDeviation: NONE }),
  levelTimeline: () =>
    levelTimeline({ timestampMs: NONE, level: categoriesOf([]) }),
  barComparison: () => barComparison([]),
  distributionPlot: () => distributionPlot(NONE, categoriesOf([])),
};

for (const [name, draw] of Object.entries(EMPTY)) {
  Deno.test(`${name}() rejects an empty input`, () => {
    assert.throws(draw, { name: "RangeError", message: /is empty/ });
  });
}

const FIVE = new Float64Array(3).fill(5);
const NO_ANOMALY = new Uint8Array(3);
const TIMES = everyMinute(3);
/** A mark that must be seen, and the figure of equal values it is in. */
const EQUAL: Record<string, [string, () => Figure]> = {
  anomalyScatter: [
    "normal",
    () =>
      anomalyScatter(
        { hour: FIVE, responseTimeMs: FIVE, anomaly: NO_ANOMALY },
        {
          logY: true,
        },
      ),
  ],
  scoreHistogram: ["bins", () => scoreHistogram(FIVE, { threshold: 9 })],
  "logarithmic scoreHistogram": [
    "bins",
    () => scoreHistogram(FIVE, { threshold: 9, logX: true }),
  ],
  lossCurves: [
    "training",
    () =>
      lossCurves(
        { trainingLoss: [5, 5, 5], validationLoss: [], bestEpoch: 1 },
        { logY: true },
      ),
  ],
  forecastPlot: [
    "observed",
    () =>
      forecastPlot({
        observed: FIVE,
        forecast: FIVE,
        anomaly: NO_ANOMALY,
        threshold: 5,
      }),
  ],
  timelinePlot: [
    "values",
    () => timelinePlot({ timestampMs: TIMES, value: FIVE }),
  ],
  rollingPlot: ["mean", () =>
    rollingPlot({
      timestampMs: TIMES,
      mean: FIVE,
      standardDeviation: new Float64Array(3),
    })],
  levelTimeline: [
    "events",
    () =>
      levelTimeline({
        timestampMs: FIVE,
        level: categoriesOf(["a", "a", "a"]),
      }),
  ],
  barComparison: [
    "values",
    () =>
      barComparison([{ label: "a", value: 0, baseline: true }, {
        label: "b",
        value: 0,
        baseline: true,
      }]),
  ],
  distributionPlot: [
    "bins",
    () => distributionPlot(FIVE, categoriesOf(["a", "a", "a"])),
  ],
};

for (const [name, [mark, draw]] of Object.entries(EQUAL)) {
  Deno.test(`${name}() draws equal values`, () => {
    const figure = draw();
    assert.ok(shapesOf(figure, mark).length > 0);
    assert.doesNotMatch(figure.svg, /NaN|Infinity|undefined/);
  });
}

Deno.test("figures reject values that are not finite and lengths that differ", () => {
  assert.throws(
    () => scoreHistogram(Float64Array.of(1, NaN), { threshold: 1 }),
    {
      message:
        "Cannot draw a histogram of scores: scores[1] is NaN, expected a finite number",
    },
  );
  assert.throws(
    () => scoreHistogram(FIVE, { threshold: 0, logX: true }),
    { message: /threshold is 0, expected a finite number > 0/ },
  );
  assert.throws(
    () =>
      forecastPlot({
        observed: FIVE,
        forecast: Float64Array.of(1),
        anomaly: NO_ANOMALY,
        threshold: 5,
      }),
    { message: "Cannot draw a forecast: forecast has 1 values, expected 3" },
  );
});
