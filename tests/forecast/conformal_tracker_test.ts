import assert from "node:assert/strict";
import { ConformalTracker } from "lib/forecast/conformal_tracker.ts";
import { Random } from "lib/numeric/random.ts";

function start(quantiles: number[], horizon = 1) {
  const size = quantiles.length * horizon;
  return {
    quantiles,
    shifts: new Float64Array(size),
    scales: new Float64Array(size).fill(1),
  };
}

Deno.test("ConformalTracker moves by its equations", () => {
  const tracker = new ConformalTracker(start([0.75]), { learningRate: 0.1 });
  assert.deepEqual([...tracker.next(Float64Array.of(5))], [5]);
  tracker.update(7);
  // Above: e = 0.75; s = 1 + 0.003 (2 - 1); p = 0.1 s e; c = 0.75, C = 50.
  const scale = 1.003;
  const expected = 5 + 0.1 * scale * 0.75 + scale * Math.tan(0.75 / 50);
  const [given] = tracker.next(Float64Array.of(5));
  assert.ok(Math.abs(given - expected) < 1e-12);
});

Deno.test("ConformalTracker judges a step ahead by what was given for it then", () => {
  const tracker = new ConformalTracker(start([0.5], 2), { learningRate: 1 });
  tracker.next(Float64Array.of(10, 20));
  tracker.update(11); // Of step 1 only: nothing was given two rows ago.
  const [one, two] = tracker.next(Float64Array.of(0, 0));
  assert.ok(one > 0.4);
  assert.equal(two, 0);
  tracker.update(-50); // Below 20 of two rows ago, and below `one`.
  const [later, second] = tracker.next(Float64Array.of(0, 0));
  assert.ok(later < one);
  assert.ok(second < 0);
});

Deno.test("ConformalTracker learns nothing from a row without a value", () => {
  const tracker = new ConformalTracker(start([0.5], 2));
  tracker.next(Float64Array.of(10, 20));
  tracker.update();
  assert.deepEqual([...tracker.next(Float64Array.of(1, 2))], [1, 2]);
  tracker.update(30); // One step from now, and two from the row before.
  const [one, two] = tracker.next(Float64Array.of(1, 2));
  assert.ok(one > 1 && two > 2);
  // Without a forecast there is nothing to learn either.
  const idle = new ConformalTracker(start([0.5]));
  idle.update(5);
  idle.update(6);
  assert.deepEqual([...idle.next(Float64Array.of(1))], [1]);
});

Deno.test("ConformalTracker covers what it promises, whatever comes", () => {
  // A jump of level and of noise, slow waves, an outage every 100 rows, a value
  // that the model's error foresees the wrong way.
  const random = new Random(6);
  const series: Record<string, (i: number) => number> = {
    jump: (i) => (i > 3000 ? 500 : 0) + (i > 3000 ? 40 : 1) * random.normal(),
    waves: (i) => 20 * Math.sin(i / 300) + random.normal(),
    outages: (i) => i % 100 < 8 ? 1000 : random.normal(),
    alternating: (i) => i % 2 === 0 ? 5 : -5,
    heavy: () => Math.tan(Math.PI * (random.uniform() - 0.5)),
  };
  for (const [name, valueAt] of Object.entries(series)) {
    const tracker = new ConformalTracker(start([0.05, 0.5, 0.95]));
    let inside = 0;
    const rows = 8000;
    for (let i = 0; i < rows; i++) {
      const value = valueAt(i);
      const [low, middle, high] = tracker.next(Float64Array.of(0, 0, 0));
      assert.ok(low <= middle && middle <= high && high - low < Infinity);
      if (value >= low && value <= high) inside++;
      tracker.update(value);
    }
    const share = inside / rows;
    assert.ok(share > 0.88 && share < 0.92, `${name}: ${share}`);
  }
});

Deno.test("ConformalTracker starts from a size of 0 once errors are not", () => {
  const tracker = new ConformalTracker({
    ...start([0.5]),
    scales: new Float64Array(1),
  });
  for (let i = 0; i < 100; i++) {
    assert.deepEqual([...tracker.next(Float64Array.of(3))], [3]);
    tracker.update(3);
  }
  tracker.next(Float64Array.of(3));
  tracker.update(1000);
  const [given] = tracker.next(Float64Array.of(3));
  assert.ok(given !== 3 && Number.isFinite(given));
});

Deno.test("ConformalTracker rejects shapes and values that are wrong", () => {
  const tracker = new ConformalTracker(start([0.5]));
  assert.throws(() => tracker.next(Float64Array.of(1, 2)), RangeError);
  assert.throws(() => tracker.next(Float64Array.of(NaN)), RangeError);
  assert.throws(() => tracker.update(Infinity), RangeError);
  for (const learningRate of [-1, 2, NaN]) {
    assert.throws(
      () => new ConformalTracker(start([0.5]), { learningRate }),
      RangeError,
    );
  }
  assert.throws(
    () =>
      new ConformalTracker({ ...start([0.5]), scales: new Float64Array(2) }),
    RangeError,
  );
  assert.throws(
    () => new ConformalTracker({ ...start([0.5]), quantiles: [0.1, 0.9] }),
    RangeError,
  );
});
