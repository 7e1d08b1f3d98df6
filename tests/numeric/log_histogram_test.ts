import assert from "node:assert/strict";
import fc from "fast-check";
import {
  LogBins,
  LogHistogram,
  LogHistograms,
  SMALLEST_VALUE,
} from "lib/numeric/log_histogram.ts";
import { Random } from "lib/numeric/random.ts";
import { quantileSorted } from "lib/numeric/statistics.ts";

/** What rounding adds to the error of a value. */
const ROUNDING = 1e-9;

function histogramOf(values: readonly number[], bins: LogBins): LogHistogram {
  const histogram = new LogHistogram();
  for (const value of values) histogram.add(bins.binOf(value));
  return histogram;
}

/** All that a histogram tells. */
function toldBy(histogram: LogHistogram, bins: LogBins): number[] {
  const quantiles = [0, 0.1, 0.25, 0.5, 0.75, 0.95, 0.99, 1];
  return [
    histogram.total,
    ...quantiles.map((q) => histogram.quantile(q, bins)),
  ];
}

/** Checks a quantile against that of the values themselves. */
function checkQuantile(
  values: readonly number[],
  q: number,
  told: number,
  relativeError: number,
): void {
  const counted = Float64Array.from(values, (x) => Math.max(x, SMALLEST_VALUE));
  const exact = quantileSorted(counted.sort(), q);
  const bound = exact * (relativeError + ROUNDING);
  assert(Math.abs(told - exact) <= bound, `${told} for ${exact}, q = ${q}`);
}

// From below the smallest value to the largest of a log.
const value = fc.oneof(
  fc.constantFrom(0, 1e-9, SMALLEST_VALUE, 1, 1e150),
  fc.double({ min: -12, max: 150, noNaN: true }).map((x) => 10 ** x),
  fc.double({ min: 1, max: 1000, noNaN: true }),
);
const values = fc.array(value, { minLength: 1, maxLength: 60 });
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const error = fc.constantFrom(0.001, 0.01, 0.1, 0.5);

Deno.test("LogBins: bins and their values, by hand", () => {
  // An error of 1/3 makes gamma = (4/3) / (2/3) = 2: bin k is (2^(k-1), 2^k].
  const bins = new LogBins(1 / 3);
  assert.deepEqual([1, 1.5, 3, 7].map((x) => bins.binOf(x)), [0, 1, 2, 3]);
  // 2 gamma^k / (gamma + 1) = 2/3, 4/3, 8/3: a third from both borders.
  [0, 1, 2].forEach((k) => {
    assert(Math.abs(bins.valueOf(k) - 2 * 2 ** k / 3) < 1e-12);
  });
  assert.equal(bins.binOf(0), bins.binOf(SMALLEST_VALUE));
});

Deno.test("LogHistogram: quantiles by hand", () => {
  const bins = new LogBins(1 / 3);
  // Bins 0, 1, 1, 2 stand for 2/3, 4/3, 4/3, 8/3.
  const histogram = histogramOf([1, 1.5, 1.9, 3], bins);
  const near = (q: number, expected: number) =>
    assert(Math.abs(histogram.quantile(q, bins) - expected) < 1e-12, `${q}`);
  near(0, 2 / 3);
  near(1 / 3, 4 / 3);
  near(0.5, 4 / 3);
  near(1, 8 / 3);
  // Rank 2.5: half way from 4/3 to 8/3.
  near(2.5 / 3, 2);
});

Deno.test("LogHistogram: a quantile is NaN where nothing was counted", () => {
  const histogram = new LogHistogram();
  assert.equal(histogram.quantile(0.5, new LogBins(0.01)), NaN);
  histogram.merge(new LogHistogram());
  histogram.collapseInPlace();
  assert.equal(histogram.quantile(0.5, new LogBins(0.01)), NaN);
  assert.equal(histogram.total, 0);
});

Deno.test("LogBins: the error is above 0 and below 1", () => {
  for (const relativeError of [0, 1, -0.01, NaN, Infinity]) {
    assert.throws(() => new LogBins(relativeError), {
      name: "RangeError",
      message:
        `Cannot make bins: relativeError is ${relativeError}, expected a finite number > 0 and < 1`,
    });
  }
});

Deno.test("LogHistogram: every quantile is within the relative error", () => {
  fc.assert(
    fc.property(values, probability, error, (values, q, relativeError) => {
      const bins = new LogBins(relativeError);
      const told = histogramOf(values, bins).quantile(q, bins);
      checkQuantile(values, q, told, relativeError);
    }),
    { seed: 31, numRuns: 2000 },
  );
});

Deno.test("LogHistogram: joining bins keeps the error that the bins state", () => {
  fc.assert(
    fc.property(
      values,
      probability,
      fc.integer({ min: 1, max: 6 }),
      (values, q, times) => {
        let bins = new LogBins(0.01);
        const histogram = histogramOf(values, bins);
        for (let k = 0; k < times; k++) {
          bins = bins.coarser();
          histogram.collapseInPlace();
        }
        // 2 e / (1 + e^2) is tanh of twice the argument.
        const expected = Math.tanh(2 ** times * Math.atanh(0.01));
        assert(Math.abs(bins.relativeError - expected) < 1e-12);
        assert.equal(histogram.total, values.length);
        checkQuantile(values, q, histogram.quantile(q, bins), expected);
      },
    ),
    { seed: 32, numRuns: 1000 },
  );
});

Deno.test("LogHistogram: merging equals adding, in any order", () => {
  const bins = new LogBins(0.01);
  fc.assert(
    fc.property(values, values, (a, b) => {
      const whole = toldBy(histogramOf([...a, ...b], bins), bins);
      const merged = histogramOf(a, bins);
      merged.merge(histogramOf(b, bins));
      assert.deepEqual(toldBy(merged, bins), whole);
      const backwards = histogramOf([...a, ...b].reverse(), bins);
      assert.deepEqual(toldBy(backwards, bins), whole);
    }),
    { seed: 33, numRuns: 500 },
  );
});

Deno.test("LogHistogram: merging does not change the other histogram", () => {
  const bins = new LogBins(0.01);
  const other = histogramOf([1, 2, 3], bins);
  const before = toldBy(other, bins);
  const histogram = histogramOf([1e-3, 1e9], bins);
  histogram.merge(other);
  assert.deepEqual(toldBy(other, bins), before);
  assert.equal(histogram.total, 5);
});

Deno.test("LogHistograms keeps its counts while its memory fills and grows", () => {
  for (const maximumSize of [Infinity, 30_000, 1_000_000]) {
    const random = new Random(5);
    const histograms = new LogHistograms({ maximumSize });
    const counted: number[][] = [];
    for (let round = 0; round < 4000; round++) {
      if (round % 40 === 0) {
        histograms.push();
        counted.push([]);
      }
      const count = 1 + random.integer(8);
      const places = Array.from(
        { length: count },
        () => random.integer(counted.length),
      );
      // Wider and wider, so that histograms move again and again.
      const bins = places.map(() =>
        Math.round((random.uniform() - 0.5) * (20 + round / 20))
      );
      assert(histograms.add(places, bins));
      places.forEach((place, i) => counted[place].push(bins[i]));
    }
    const bins = new LogBins(0.01);
    counted.forEach((values, place) => {
      const sorted = Float64Array.from(values).sort();
      assert.equal(histograms.total(place), values.length);
      const probabilities = Array.from(
        sorted,
        (_, rank) => rank / Math.max(sorted.length - 1, 1),
      );
      histograms.quantiles(place, probabilities, bins).forEach(
        (value, rank) => {
          const expected = bins.valueOf(sorted[rank]);
          assert(Math.abs(value / expected - 1) < 1e-6, `${place}: ${rank}`);
        },
      );
    });
  }
});
