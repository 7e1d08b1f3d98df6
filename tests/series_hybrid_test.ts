import assert from "node:assert/strict";
import { averagePrecision } from "lib/evaluate/point.ts";
import { volumeUnderSurface } from "lib/evaluate/vus.ts";
import { volumeBuffer } from "lib/evaluate/vus_buffer.ts";
import { Random } from "lib/numeric/random.ts";
import { mean } from "lib/numeric/statistics.ts";
import { fitSeriesHybrid, loadSeriesHybrid } from "lib/series_hybrid.ts";
import { readCloudSeries } from "./bench/cloud_series.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");

/** Days of 24 hours with a wave and noise. */
function usualDays(days: number): Float64Array {
  const random = new Random(6);
  return Float64Array.from(
    { length: 24 * days },
    (_, hour) => 100 + 20 * Math.sin(hour / 24 * 2 * Math.PI) + random.normal(),
  );
}

Deno.test("fitSeriesHybrid() finds a value in the wrong place, and says who spoke for it", async () => {
  const values = usualDays(30);
  // At 6 o'clock it is 120; 80 is usual at 18 o'clock only.
  values[24 * 20 + 6] = 80;
  const hybrid = await fitSeriesHybrid(values);
  const scores = hybrid.score(values);
  assert.equal(scores[24 * 20 + 6], Math.max(...scores));
  const { data, cols } = hybrid.explain(values);
  const parts = data.slice((24 * 20 + 6) * cols, (24 * 20 + 7) * cols);
  const [loudest] = hybrid.members.toSorted((a, b) =>
    parts[hybrid.members.indexOf(b)] - parts[hybrid.members.indexOf(a)]
  );
  assert.match(loudest, /shape/);
});

Deno.test("fitSeriesHybrid() scores other rows than it was fitted on", async () => {
  const values = usualDays(40);
  const hybrid = await fitSeriesHybrid(values.slice(0, 24 * 30));
  const later = values.slice(24 * 30);
  later[100] += 60;
  const scores = hybrid.score(later);
  assert.equal(scores[100], Math.max(...scores));
  const loaded = await loadSeriesHybrid(JSON.parse(JSON.stringify(hybrid)));
  assert.deepEqual(loaded.score(later), scores);
});

Deno.test("fitSeriesHybrid() gives a constant series one score, and rejects a short one", async () => {
  const hybrid = await fitSeriesHybrid(new Float64Array(100).fill(7));
  const scores = hybrid.score(new Float64Array(50).fill(7));
  assert(scores.every((score) => score === scores[0]));
  const [changed] = hybrid.score(new Float64Array(50).fill(7).with(0, 8));
  assert(changed > scores[0]);
  await assert.rejects(() => fitSeriesHybrid(new Float64Array(59)), {
    name: "RangeError",
    message: /the number of values is 59, expected .*60/,
  });
});

Deno.test({
  name: "fitSeriesHybrid() is well above a rolling median on 12 public series",
  ignore: !DATA,
  async fn() {
    const all = await readCloudSeries(`${DATA}/cloud-monitoring`, "outbound-");
    const volumes: number[] = [], precisions: number[] = [];
    for (const { value, labels } of all) {
      const scores = (await fitSeriesHybrid(value)).score(value);
      const longestBuffer = volumeBuffer(value);
      volumes.push(volumeUnderSurface(scores, labels, { longestBuffer }).pr);
      precisions.push(averagePrecision(scores, labels));
    }
    // A rolling median has 0.607 and 0.511.
    const [volume, precision] = [volumes, precisions].map((list) =>
      mean(Float64Array.from(list))
    );
    assert(volume > 0.9, `${volume}`);
    assert(precision > 0.75, `${precision}`);
  },
});
