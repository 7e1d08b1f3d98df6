import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { kernelModule, kernelModules } from "../../.tasks/kernels.ts";
import {
  compileKernels,
  instantiateKernels,
  type KernelBuild,
  PAGE_BYTES,
  supportedBuilds,
} from "lib/kernels/kernels.ts";

const BUILDS: KernelBuild[] = ["relaxed-simd", "simd"];

/** Values of a function of the kernels at equally spaced places, and the
 * largest relative error against the double precision one. */
async function errorOf(
  build: KernelBuild,
  name: "exponentials" | "sigmoids" | "tangents",
  options: { exact: (x: number) => number; from: number; to: number },
): Promise<number> {
  const { functions, memory } = instantiateKernels(await compileKernels(build));
  const count = 20_000;
  const base = PAGE_BYTES;
  const { exact, from, to } = options;
  const places = Float32Array.from(
    { length: count },
    (_, i) => from + (to - from) * i / (count - 1),
  );
  const values = new Float32Array(memory.buffer, base, count);
  values.set(places);
  functions[name](base, count);
  return places.reduce((worst, place, i) => {
    const expected = exact(place);
    const error = expected === 0
      ? Math.abs(values[i])
      : Math.abs(values[i] / expected - 1);
    return error <= worst ? worst : error;
  }, 0);
}

for (const build of BUILDS) {
  Deno.test(`the ${build} kernels are what their sources compile to`, async () => {
    const path = fileURLToPath(
      import.meta.resolve(`lib/kernels/${kernelModules[build]}`),
    );
    assert.equal(await readFile(path, "utf8"), await kernelModule(build));
  });

  Deno.test(`the ${build} kernels know e^x, sigmoid and tanh to a relative error of 5e-7`, async () => {
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const cases = [
      ["exponentials", { exact: Math.exp, from: -87, to: 87 }],
      ["sigmoids", { exact: sigmoid, from: -87, to: 30 }],
      ["tangents", { exact: Math.tanh, from: -12, to: 12 }],
      ["tangents", { exact: Math.tanh, from: -1e-3, to: 1e-3 }],
    ] as const;
    for (const [name, options] of cases) {
      const error = await errorOf(build, name, options);
      assert.ok(error < 5e-7, `${name}: ${error}`);
    }
  });

  Deno.test(`the ${build} kernels stay finite at the ends and pass NaN on`, async () => {
    const { functions, memory } = instantiateKernels(
      await compileKernels(build),
    );
    const values = new Float32Array(memory.buffer, PAGE_BYTES, 4);
    const extremes = [-Infinity, 3e38, Infinity, NaN];
    values.set(extremes);
    functions.sigmoids(PAGE_BYTES, 4);
    assert.ok(values[0] >= 0 && values[0] < 1e-37);
    assert.deepEqual([...values.slice(1)], [1, 1, NaN]);
    values.set(extremes);
    functions.tangents(PAGE_BYTES, 4);
    const expected = [-1, 1, 1].map(Math.fround);
    expected.forEach((value, i) =>
      assert.ok(Math.abs(values[i] - value) < 5e-7)
    );
    assert.ok(Number.isNaN(values[3]));
  });
}

Deno.test("supportedBuilds() is what WebAssembly here takes, the fastest first", () => {
  assert.deepEqual(supportedBuilds(), BUILDS);
});
