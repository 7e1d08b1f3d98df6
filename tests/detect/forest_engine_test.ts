import assert from "node:assert/strict";
import { ForestEngine } from "lib/detect/forest_engine.ts";
import { IsolationForest } from "lib/detect/isolation_forest.ts";
import {
  growTree,
  type IsolationTrees,
  joinTrees,
  sumPathLengths,
} from "lib/detect/isolation_tree.ts";
import type { Matrix } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

const SCALE = 700;
/** So that workers pay with a moderate number of rows. */
const MANY_TREES = { treeCount: 500 };

/** Draws of each kind: what a value of a table can be like. */
const KINDS: Readonly<Record<string, (random: Random) => number>> = {
  "normal draws": (random) => random.normal(),
  "many ties": (random) => random.integer(4) - 1,
  "zeros of either sign": (random) => random.integer(2) ? 0 : -0,
  "neighbouring doubles": (random) =>
    1 + Number.EPSILON * (random.integer(5) - 2),
  "the least doubles": (random) => Number.MIN_VALUE * (random.integer(9) - 4),
  "the largest doubles": (random) =>
    Number.MAX_VALUE * (random.uniform() * 2 - 1) * (random.integer(2) ? 1 : 0),
  "ends of the range": (random) =>
    [-Number.MAX_VALUE, Number.MAX_VALUE, Number.MIN_VALUE][random.integer(3)],
  "times in ms": (random) => 1.7e12 + random.integer(1e6),
};

for (const [kind, draw] of Object.entries(KINDS)) {
  Deno.test(`ForestEngine scores ${kind} as the plain walk does, bit by bit`, async () => {
    for (const [rows, cols, psi] of [[3000, 2, 256], [1500, 7, 100]]) {
      const x = drawn(rows, cols, draw);
      await assertSameScores(grown(x, { treeCount: 20, psi }), x);
    }
  });
}

Deno.test("ForestEngine scores blocks of any number of rows and columns", async () => {
  for (
    const [rows, cols, psi] of [
      [1, 1, 2],
      [7, 3, 8],
      [8, 1, 16],
      [9, 40, 32],
      [1025, 1, 64],
      [17, 6, 256],
      [1000, 6, 257],
      [1000, 7, 256],
      [300, 900, 64],
      [40, 9000, 16],
    ]
  ) {
    const training = drawn(Math.max(rows, psi), cols, KINDS["normal draws"]);
    const x = drawn(rows, cols, KINDS["normal draws"]);
    await assertSameScores(grown(training, { treeCount: 9, psi }), x);
  }
});

Deno.test("ForestEngine ranks more thresholds than 15 bits hold", async () => {
  // 600 trees of some 90 splits in one column are more than 32,767.
  const x = drawn(1500, 1, KINDS["normal draws"]);
  const trees = grown(x, { treeCount: 600, psi: 256 });
  assert(trees.features.filter((feature) => feature === 0).length > 32_767);
  await assertSameScores(trees, x);
});

Deno.test("ForestEngine leaves trees of more than 4,096 rows to the plain walk", () => {
  const x = drawn(6000, 2, KINDS["normal draws"]);
  const trees = grown(x, { treeCount: 2, psi: 5000 });
  assert.equal(ForestEngine.of(trees, 2), undefined);
  const forest = IsolationForest.fit(x, { treeCount: 2, subsampleSize: 5000 });
  assert(forest.score(x).every((score) => score > 0 && score < 1));
});

Deno.test("IsolationForest scores alike in any number of threads", async () => {
  const x = drawn(41_000, 3, KINDS["normal draws"]);
  const forest = IsolationForest.fit(x, MANY_TREES);
  const scores = forest.score(x);
  for (const workers of [1, 2, 4]) {
    assert.deepEqual(await forest.scoreParallel(x, { workers }), scores);
  }
  assert.deepEqual(await forest.scoreParallel(x), scores);
});

Deno.test("IsolationForest scores at once from several calls", async () => {
  const x = drawn(41_000, 2, KINDS["normal draws"]);
  const forest = IsolationForest.fit(x, MANY_TREES);
  const calls = [1, 2, 3].map(() => forest.scoreParallel(x, { workers: 2 }));
  for (const scores of await Promise.all(calls)) {
    assert.deepEqual(scores, forest.score(x));
  }
});

for (const missing of ["SharedArrayBuffer", "Worker", "WebAssembly"] as const) {
  Deno.test(`IsolationForest scores alike without ${missing}`, async () => {
    // Where there is a kernel left, enough rows for workers to pay.
    const rows = missing === "WebAssembly" ? 2000 : 41_000;
    const x = drawn(rows, 2, KINDS["normal draws"]);
    const scores = IsolationForest.fit(x, MANY_TREES).score(x);
    const globals = globalThis as Record<string, unknown>;
    const held = globals[missing];
    const { process } = globalThis as { process?: unknown };
    try {
      delete globals[missing];
      // Without Node's workers the web's are looked for.
      if (missing === "Worker") globals.process = undefined;
      const forest = IsolationForest.fit(x, MANY_TREES);
      assert.deepEqual(forest.score(x), scores);
      assert.deepEqual(await forest.scoreParallel(x, { workers: 2 }), scores);
    } finally {
      globals[missing] = held;
      if (missing === "Worker") globals.process = process;
    }
  });
}

Deno.test("scoreParallel() rejects what score() does, and a bad number of workers", async () => {
  const x = drawn(10, 2, KINDS["normal draws"]);
  const forest = IsolationForest.fit(x);
  for (const workers of [0, 1.5, NaN, -1]) {
    await assert.rejects(() => forest.scoreParallel(x, { workers }), {
      name: "RangeError",
      message:
        `Cannot score with IsolationForest: workers is ${workers}, expected an integer >= 1`,
    });
  }
  const narrow = drawn(10, 1, KINDS["normal draws"]);
  await assert.rejects(() => forest.scoreParallel(narrow), RangeError);
});

async function assertSameScores(
  trees: IsolationTrees,
  x: Matrix,
): Promise<void> {
  const expected = sumPathLengths(trees, x).map((sum) => 2 ** (-sum / SCALE));
  const engine = ForestEngine.of(trees, x.cols);
  assert(engine);
  assert.deepEqual(engine.score(x, SCALE), expected);
  assert.deepEqual(await engine.scoreParallel(x, SCALE, 2), expected);
}

function grown(
  x: Matrix,
  { treeCount, psi }: { treeCount: number; psi: number },
): IsolationTrees {
  return joinTrees(Array.from({ length: treeCount }, (_, tree) => {
    const random = new Random(6, tree);
    return growTree(x, random.sample(psi, x.rows), random);
  }));
}

function drawn(
  rows: number,
  cols: number,
  draw: (random: Random) => number,
): Matrix {
  const random = new Random(rows, cols);
  const data = Float64Array.from({ length: rows * cols }, () => draw(random));
  return { data, rows, cols };
}
