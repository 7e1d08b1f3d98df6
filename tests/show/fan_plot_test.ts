import assert from "node:assert/strict";
import { fanPlot } from "lib/show/mod.ts";
import { pointsOf, shapesOf, textsOf } from "./svg_reader.ts";

const FAN = {
  timestampMs: Float64Array.of(0, 60_000, 120_000, 180_000),
  observed: Float64Array.of(0, 20, 100, 60),
  quantiles: [0.05, 0.25, 0.5, 0.75, 0.95],
  // The fourth value is outside of the widest band.
  values: Float64Array.of(10, 20, 40, 60, 100, 0, 10, 20, 30, 40),
};

Deno.test("fanPlot() draws the observed rows, and the median of those forecast", () => {
  const figure = fanPlot(FAN);
  const observed = pointsOf(shapesOf(figure, "observed")[0]);
  const median = pointsOf(shapesOf(figure, "median")[0]);
  assert.deepEqual([observed.length, median.length], [4, 2]);
  assert.equal(median[0][0], observed[2][0]);
  // 0 to 100 is the whole axis: 40 stands two fifths of the way.
  const [[, low], , [, high]] = observed;
  assert.ok(Math.abs(median[0][1] - (low + 0.4 * (high - low))) < 0.01);
});

Deno.test("fanPlot() draws a band for each pair of quantiles, the widest first", () => {
  const figure = fanPlot(FAN);
  const bands = shapesOf(figure, "band").map(pointsOf);
  assert.equal(bands.length, 2);
  const [wide, narrow] = bands.map((points) => {
    const heights = points.map(([, y]) => y);
    return Math.max(...heights) - Math.min(...heights);
  });
  // 0 to 100, and 10 to 60.
  assert.ok(Math.abs(narrow / wide - 0.5) < 0.001);
  const words = textsOf(figure).join(" ");
  assert.match(words, /5 to 95 %.*25 to 75 %/);
});

Deno.test("fanPlot() says how many values the widest band held", () => {
  assert.equal(
    fanPlot(FAN).alt,
    "Forecast with its quantiles. x: Time (UTC); y: Response time (ms). " +
      "2 steps ahead; 1 of 2 within 5 to 95 %; " +
      "from 1970-01-01 00:02; last median 20.",
  );
});

Deno.test("fanPlot() rejects what is empty, does not fit or has no median", () => {
  const none = new Float64Array(0);
  const refused = (changes: object, message: RegExp) =>
    assert.throws(
      () => fanPlot({ ...FAN, ...changes }),
      { name: "RangeError", message },
    );
  refused({ observed: none, timestampMs: none }, /is empty/);
  refused({ values: none }, /is empty/);
  refused({ values: FAN.values.slice(1) }, /values/);
  refused({ values: new Float64Array(25) }, /forecasts is 5/);
  refused({ quantiles: [0.1, 0.2, 0.6, 0.7, 0.8] }, /expected 0.5/);
  refused({ observed: FAN.observed.with(0, NaN) }, /observed/);
});
