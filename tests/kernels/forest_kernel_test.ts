import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { kernelModule, kernelModules } from "../../.tasks/kernels.ts";
import { layOutForest } from "lib/kernels/forest_image.ts";
import {
  compileForestKernel,
  ForestKernel,
} from "lib/kernels/forest_kernel.ts";

Deno.test("the forest kernel is what its source compiles to", async () => {
  const path = fileURLToPath(
    import.meta.resolve(`lib/kernels/${kernelModules.forest}`),
  );
  assert.equal(await readFile(path, "utf8"), await kernelModule("forest"));
});

Deno.test("ForestKernel adds path lengths as worked by hand", () => {
  // Tree 0 splits column 1 at 5 into leaves 1.5 | then column 0 at -1 into
  // 2.25 | 3; tree 1 is a leaf of 0.5.
  const image = layOutForest({
    roots: Int32Array.of(0, 5),
    features: Int32Array.of(1, -1, 0, -1, -1, -1),
    values: Float64Array.of(5, 1.5, -1, 2.25, 3, 0.5),
    children: Int32Array.of(1, 0, 3, 0, 0, 0),
  }, 2);
  const module = compileForestKernel();
  assert(image && module);
  const kernel = new ForestKernel(module, image);
  const rows = [[9, 5], [-1, 5.1], [-0.9, 6], [0, -7]];
  const sums = kernel.sumBlock(Float64Array.from(rows.flat()));
  assert.deepEqual([...sums], [2, 2.75, 3.5, 2]);
});
