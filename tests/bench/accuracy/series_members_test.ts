import assert from "node:assert/strict";
import { Random } from "lib/numeric/random.ts";
import { fitSeriesHybrid } from "lib/series_hybrid.ts";
import { hybridScores, MEMBERS } from "./series_members.ts";

Deno.test("hybridScores() of the members in use is the hybrid in use", async () => {
  const random = new Random(3);
  const values = Float64Array.from({ length: 200 }, () => random.normal());
  const scores: Record<string, Float64Array> = {};
  for (const [name, scorer] of Object.entries(MEMBERS)) {
    scores[name] = await scorer(values, 1);
  }
  const hybrid = (await fitSeriesHybrid(values)).score(values);
  hybridScores(scores).forEach((score, row) => {
    assert(Math.abs(score - hybrid[row]) < 1e-9);
  });
});
