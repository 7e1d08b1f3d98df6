import assert from "node:assert/strict";
import { IsolationForest } from "lib/detect/isolation_forest.ts";
import { Random } from "lib/numeric/random.ts";
import { forgerySubject, mutationSubject } from "./forest_mutations.ts";
import { checkMutations } from "./model_mutations.ts";

Deno.test("IsolationForest.fromJSON() names what changed in 10,000 damaged files", async () => {
  const subject = { ...mutationSubject(), count: 10_000, seed: 2 };
  const { rejected, loaded } = await checkMutations(subject);
  assert(rejected > 8000, `${rejected} rejected, ${loaded} loaded alike`);
});

Deno.test("IsolationForest.fromJSON() finds what is wrong in 10,000 forged files", async () => {
  const subject = { ...forgerySubject(), count: 10_000, seed: 3 };
  const { rejected, loaded } = await checkMutations(subject);
  assert(rejected > 4000, `${rejected} rejected, ${loaded} loaded`);
});

Deno.test("IsolationForest finds an outlier in 100,000 rows of 100 columns", () => {
  const random = new Random(4);
  const [rows, cols] = [100_000, 100];
  const data = new Float64Array(rows * cols).map(() => random.normal());
  data.fill(6, 777 * cols, 778 * cols);
  const scores = IsolationForest.fit({ data, rows, cols }).score({
    data,
    rows,
    cols,
  });
  const largest = scores.reduce((most, score) => Math.max(most, score));
  assert.equal(scores.indexOf(largest), 777);
});
