import assert from "node:assert/strict";
import { backtest, seriesSource } from "lib/evaluate/backtest.ts";
import {
  COMPARED_FORECASTERS,
  comparedForecasters,
  networkModel,
} from "lib/evaluate/compared_forecasters.ts";
import { sliceSeries } from "lib/forecast/inputs.ts";

const HOUR_MS = 3_600_000;
const value = Float64Array.from(
  { length: 240 },
  (_, i) => 100 + 10 * Math.sin(i / 24 * 2 * Math.PI) + (i * i) % 7,
);
const SERIES = {
  timestampMs: value.map((_, i) => i * HOUR_MS),
  value,
  observed: new Uint8Array(240).fill(1),
  stepMs: HOUR_MS,
};

Deno.test("comparedForecasters() give what is asked for", async () => {
  const models = comparedForecasters(SERIES, {
    horizon: 3,
    quantiles: [0.2, 0.5],
  });
  assert.deepEqual(models.map(({ name }) => name), COMPARED_FORECASTERS);
  const source = seriesSource(SERIES);
  for (const { fit, inputAt = source.inputAt } of models) {
    const model = await fit(inputAt(240));
    assert.equal(model.horizon, 3);
    assert.deepEqual(model.quantiles, [0.2, 0.5]);
    model.dispose?.();
  }
});

Deno.test("the network's training rows do not depend on what comes later", () => {
  const shorter = sliceSeries(SERIES, 0, 200);
  const changed = {
    ...SERIES,
    value: value.map((y, i) => i < 150 ? y : 9 * y),
  };
  const inputs = [SERIES, shorter, changed].map((series) =>
    networkModel(series).inputAt?.(150)
  );
  const [first, ...others] = inputs.map((input) => ({
    features: input?.features.data.slice(0, 150 * input.features.cols),
    centers: input?.reference?.center.slice(0, 150 * 12),
  }));
  assert.equal(first.centers?.length, 1800);
  for (const other of others) assert.deepEqual(other, first);
});

Deno.test("a backtest fits no more often than it is told, with inputs of the rows known", async () => {
  const ends: number[] = [];
  const source = seriesSource(SERIES);
  const [naive] = comparedForecasters(SERIES, { methods: ["seasonal_naive"] });
  const inputAt = (trainEnd: number) => {
    ends.push(trainEnd);
    return source.inputAt(trainEnd);
  };
  const options = { horizon: 6, cutoffs: 10 };
  await backtest(source, [{ ...naive, inputAt }], { ...options, fits: 4 });
  // Cut-offs are at 180, 186 … 234; a fit is made at every third of them.
  assert.deepEqual(ends, [180, 198, 216, 234]);
  await assert.rejects(
    backtest(source, [naive], { ...options, fits: 0 }),
    RangeError,
  );
});
