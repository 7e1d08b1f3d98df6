import assert from "node:assert/strict";
import { join } from "node:path";
import { averagePrecision } from "lib/evaluate/point.ts";
import { volumeUnderSurface } from "lib/evaluate/vus.ts";
import { volumeBuffer } from "lib/evaluate/vus_buffer.ts";
import { mean, median } from "lib/numeric/statistics.ts";
import { readCloudSeries } from "../bench/cloud_series.ts";
import golden from "../golden/volumes_under_surface.json" with { type: "json" };

const DATA = Deno.env.get("LATENCY_LAB_DATA");

for (const { name, value, buffer } of golden.buffers) {
  Deno.test(`volumeBuffer() agrees with TSB-AD: ${name}`, () => {
    assert.equal(volumeBuffer(Float64Array.from(value)), buffer);
  });
}

Deno.test("volumeBuffer() falls back where nothing repeats", () => {
  const ramp = Float64Array.from({ length: 100 }, (_, row) => row);
  assert.equal(volumeBuffer(ramp), 125);
  assert.equal(volumeBuffer(new Float64Array(50).fill(3)), 125);
  assert.equal(volumeBuffer(Float64Array.of(7)), 125);
  assert.throws(() => volumeBuffer(new Float64Array(0)), RangeError);
});

/** The distance to the median of the 61 values before. */
function rollingMedianResidual(value: Float64Array): Float64Array {
  return value.map((one, row) =>
    row === 0
      ? 0
      : Math.abs(one - median(value.slice(Math.max(0, row - 61), row)))
  );
}

Deno.test({
  name:
    "volumeUnderSurface() gives a rolling median its known mean on 12 series",
  ignore: DATA === undefined,
  async fn() {
    const folder = join(DATA ?? "", "cloud-monitoring");
    const series = await readCloudSeries(folder, "outbound-");
    const scored = series.map((one) => ({
      ...one,
      scores: rollingMedianResidual(one.value),
    }));
    const meanOf = (measure: (one: typeof scored[number]) => number) =>
      mean(Float64Array.from(scored, measure)).toFixed(3);
    assert.equal(series.length, 12);
    assert.equal(
      meanOf(({ scores, labels }) => averagePrecision(scores, labels)),
      "0.511",
    );
    assert.equal(
      meanOf(({ scores, labels, value }) =>
        volumeUnderSurface(scores, labels, {
          longestBuffer: volumeBuffer(value),
        }).pr
      ),
      "0.607",
    );
  },
});
