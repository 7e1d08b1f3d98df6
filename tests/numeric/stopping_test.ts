import assert from "node:assert/strict";
import { BestEpoch, PlateauSchedule } from "lib/numeric/stopping.ts";

Deno.test("BestEpoch keeps the first of equal losses and ignores NaN", () => {
  const best = new BestEpoch();
  assert.equal(best.epoch, 0);
  const improved = [3, 2, 2, NaN, 2.5, 1].map((loss, k) =>
    best.observe(k + 1, loss)
  );
  assert.deepEqual(improved, [true, true, false, false, false, true]);
  assert.equal(best.epoch, 6);
});

function rates(schedule: PlateauSchedule, losses: number[]): number[] {
  let rate = 0.001;
  return losses.map((loss) => rate = schedule.next(loss, rate));
}

Deno.test("PlateauSchedule halves the rate after 3 epochs without improvement", () => {
  // Epoch 1 improves on nothing; 2, 3, 4 do not: halved after 4, and again
  // after 7. Epoch 8 improves, so 9 to 11 must pass before the next cut.
  const losses = [5, 5, 6, 5, 5, 5, 5, 4, 4, 4, 4];
  assert.deepEqual(rates(new PlateauSchedule(), losses), [
    ...[0.001, 0.001, 0.001, 0.0005, 0.0005, 0.0005, 0.00025],
    ...[0.00025, 0.00025, 0.00025, 0.000125],
  ]);
});

Deno.test("PlateauSchedule never cuts below the minimum nor raises the rate", () => {
  const options = { patience: 1, minimum: 0.0004 };
  assert.deepEqual(
    rates(new PlateauSchedule(options), [1, 1, 1, 1]),
    [0.001, 0.0005, 0.0004, 0.0004],
  );
  assert.equal(new PlateauSchedule(options).next(NaN, 0.0001), 0.0001);
});

Deno.test("PlateauSchedule rejects options out of range", () => {
  for (
    const options of [
      { factor: 1 },
      { factor: 0 },
      { patience: 0 },
      { patience: 1.5 },
      { minimum: -1 },
      { minimum: NaN },
    ]
  ) {
    assert.throws(() => new PlateauSchedule(options), RangeError);
  }
});
