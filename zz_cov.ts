import { generateLog } from "lib/logs/synthetic.ts";
import { metricSeries } from "lib/logs/series.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { seasonalNaiveForecaster, rollingMedianForecaster } from "lib/forecast/baselines.ts";
import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { ConformalForecaster } from "lib/forecast/conformal.ts";
import { AdaptiveConformalForecaster } from "lib/forecast/adaptive_conformal.ts";
import { actualColumn, forecastColumn } from "lib/forecast/forecaster.ts";
import { intervalCoverage, meanQuantileLoss, meanIntervalWidth } from "lib/evaluate/forecasts.ts";
const metric = Deno.args[0] as "p95", from = Number(Deno.args[1]), to = Number(Deno.args[2]), days = 28, H = 12, Q = [0.05, 0.5, 0.95];
const cut = (v: Float64Array, n: number) => ({ features: matrixFromColumns([v.slice(0, n)]), target: v.slice(0, n) });
const agg: Record<string, number[]> = {};
for (let seed = from; seed < to; seed++) {
  const { log } = generateLog({ rows: 600_000, days, seed });
  const { value } = metricSeries(log, { metric, bucketMs: 300_000 });
  const n = value.length, trainEnd = 7 * 288, calEnd = 10 * 288 - 20;
  const input = cut(value, n), train = cut(value, trainEnd), known = cut(value, calEnd);
  const opt = { season: 288, horizon: H };
  const bases = { naive: seasonalNaiveForecaster(288, opt), hw: ExponentialSmoothing.fit(train, opt), median: rollingMedianForecaster(12, opt) };
  const origins = Uint32Array.from({ length: n - H - calEnd + 1 }, (_, k) => calEnd - 1 + k);
  for (const [name, b] of Object.entries(bases)) {
    const base = ResidualQuantileForecaster.fit(b, train, { quantiles: Q });
    const line: string[] = [];
    for (const [kind, model] of Object.entries({ raw: base, split: ConformalForecaster.fit(base, known, { start: trainEnd }), adaptive: AdaptiveConformalForecaster.fit(base, known, { start: trainEnd }) })) {
      const f = model.forecast(input, origins); let loss = 0, w = 0; const covs: number[] = [];
      for (let step = 1; step <= H; step++) {
        const y = actualColumn(value, origins, step); const col = (quantile: number) => forecastColumn(f, { step, quantile });
        const iv = { lower: col(0.05), upper: col(0.95) }; covs.push(intervalCoverage(y, iv)); w += meanIntervalWidth(iv) / H;
        loss += meanQuantileLoss(y, Q.map((quantile) => ({ quantile, values: col(quantile) }))) / H;
      }
      const mean = covs.reduce((a, b) => a + b) / H, lo = Math.min(...covs), hi = Math.max(...covs);
      const a = (agg[`${name} ${kind}`] ??= [1, 0, 1, 0, 0, 0]); a[0] = Math.min(a[0], mean); a[1] = Math.max(a[1], mean); a[2] = Math.min(a[2], lo); a[3] = Math.max(a[3], hi); a[4] += loss / (to - from); a[5] += w / (to - from);
      line.push(`${kind} ${(100 * mean).toFixed(2)} [${(100 * lo).toFixed(1)}-${(100 * hi).toFixed(1)}]`);
    }
    console.log(metric, seed, name, origins.length, line.join("  "));
  }
}
for (const [k, a] of Object.entries(agg)) console.log(k.padEnd(18), a.slice(0, 4).map((x) => (100 * x).toFixed(1)).join(" "), "loss", a[4].toPrecision(4), "width", a[5].toPrecision(4));
