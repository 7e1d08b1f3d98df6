import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { kernelModule, kernelModules } from "../../.tasks/kernels.ts";
import { expOfNegative, RbfPoints } from "lib/kernels/rbf_points.ts";
import { Random } from "lib/numeric/random.ts";

Deno.test("the rbf kernel is what its source compiles to", async () => {
  const path = fileURLToPath(
    import.meta.resolve(`lib/kernels/${kernelModules.rbf}`),
  );
  assert.equal(await readFile(path, "utf8"), await kernelModule("rbf"));
});

Deno.test("expOfNegative() is e^x to 4e-16 where that is a normal double", () => {
  for (let k = 0; k <= 70_000; k++) {
    const x = -k / 100 - k / 1e7;
    assert(Math.abs(expOfNegative(x) / Math.exp(x) - 1) < 4e-16, `${x}`);
  }
  assert.equal(expOfNegative(0), 1);
  assert.equal(expOfNegative(-Infinity), expOfNegative(-708));
  assert(expOfNegative(-Infinity) < 1e-307);
});

for (const [rows, cols] of [[1, 1], [7, 2], [64, 3], [201, 5]]) {
  Deno.test(`RbfPoints gives the same bits with and without WebAssembly (${rows} x ${cols})`, () => {
    const points = randomRows(rows, cols, 1);
    const queries = randomRows(1100, cols, 2);
    const weights = randomRows(rows, 1, 3).data;
    const both = [true, false].map((hasAssembly) =>
      withAssembly(hasAssembly, () => {
        const prepared = new RbfPoints(points, 0.7);
        const row = prepared.row(queries.data.subarray(0, cols)).slice();
        return { row, sums: prepared.sums(queries, weights) };
      })
    );
    assert.deepEqual(both[0], both[1]);
    const { row, sums } = both[0];
    assert.equal(row.length, rows);
    // The definition, with Math.exp.
    const value = (i: number, k: number) => {
      let squared = 0;
      for (let j = 0; j < cols; j++) {
        squared += (queries.data[i * cols + j] - points.data[k * cols + j]) **
          2;
      }
      return Math.exp(-0.7 * squared);
    };
    row.forEach((found, k) => assert(Math.abs(found - value(0, k)) < 1e-15));
    const expected = weights.reduce(
      (sum, weight, k) => sum + weight * value(1099, k),
      0,
    );
    assert(Math.abs(sums[1099] - expected) < 1e-12);
  });
}

Deno.test("RbfPoints.block() holds rows a stride apart", () => {
  const points = new RbfPoints(randomRows(13, 2, 1), 2);
  const queries = randomRows(5, 2, 2);
  assert.equal(points.stride, 16);
  const block = points.block(queries).slice();
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(
      block.subarray(16 * i, 16 * i + 13),
      points.row(queries.data.subarray(2 * i, 2 * i + 2)),
    );
  }
});

function randomRows(rows: number, cols: number, seed: number) {
  const random = new Random(seed);
  const data = Float64Array.from(
    { length: rows * cols },
    () => random.normal(),
  );
  return { data, rows, cols };
}

/** Runs something in an engine with or without WebAssembly. */
function withAssembly<T>(hasAssembly: boolean, run: () => T): T {
  if (hasAssembly) return run();
  const { WebAssembly } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "WebAssembly");
    return run();
  } finally {
    globalThis.WebAssembly = WebAssembly;
  }
}
