import assert from "node:assert/strict";
import {
  RequestInputs,
  SeriesInputs,
  sliceSeries,
  toResponseTimeMs,
} from "lib/forecast/inputs.ts";
import { selectRequests } from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { matrixColumn } from "lib/numeric/matrix.ts";

const { log } = generateLog({ rows: 400, days: 1 });

Deno.test("RequestInputs names a column for each feature", () => {
  const inputs = RequestInputs.fit(log);
  const { features } = inputs.transform(log);
  assert.equal(features.cols, inputs.names.length);
  const column = inputs.names.indexOf("method GET");
  const isGet = Array.from(
    log.method.codes,
    (code) => log.method.names[code] === "GET" ? 1 : 0,
  );
  assert.deepEqual([...matrixColumn(features, column)], isGet);
});

Deno.test("RequestInputs sees training rows only", () => {
  const rows = Uint32Array.from({ length: 200 }, (_, row) => row);
  const half = selectRequests(log, rows);
  const inputs = RequestInputs.fit(half);
  const late = {
    ...log,
    responseTimeMs: log.responseTimeMs?.map((t, i) => i < 200 ? t : t * 1e3) ??
      new Float64Array(),
  };
  const { features } = inputs.transform(late);
  const width = features.cols;
  assert.deepEqual(
    features.data.slice(0, 200 * width),
    inputs.transform(half).features.data,
  );
});

Deno.test("toResponseTimeMs() undoes the target's logarithm once", () => {
  const { target } = RequestInputs.fit(log).transform(log);
  const back = toResponseTimeMs(target);
  back.forEach((ms, i) =>
    assert.ok(
      Math.abs(ms - (log.responseTimeMs?.[i] ?? NaN)) < 1e-6 * ms + 1e-9,
    )
  );
});

Deno.test("SeriesInputs scales by training steps and keeps the target", () => {
  const series = {
    timestampMs: Float64Array.of(0, 3_600_000, 7_200_000),
    value: Float64Array.of(1, 3, 11),
    observed: Uint8Array.of(1, 0, 1),
    stepMs: 3_600_000,
  };
  const inputs = SeriesInputs.fit(sliceSeries(series, 0, 2));
  const { features, target } = inputs.transform(series);
  // Training values 1 and 3: mean 2, deviation 1.
  assert.deepEqual([...matrixColumn(features, 0)], [-1, 1, 9]);
  assert.deepEqual([...matrixColumn(features, 1)], [1, 0, 1]);
  assert.deepEqual([...target], [1, 3, 11]);
});
