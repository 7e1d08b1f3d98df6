import assert from "node:assert/strict";
import { KernelMemory, roomFor } from "lib/kernels/kernel_memory.ts";
import { compileKernels, MEMORY_BYTES } from "lib/kernels/kernels.ts";

const module = await compileKernels("simd");

Deno.test("KernelMemory takes no memory before it is used, and gives it back", () => {
  const memory = new KernelMemory(module, 1);
  assert.equal(memory.bytes, 0);
  memory.begin(2 ** 20);
  assert.ok(memory.bytes >= 2 ** 20);
  memory.release();
  assert.equal(memory.bytes, 0);
});

Deno.test("KernelMemory hands out the same room again once it is wound back", () => {
  const memory = new KernelMemory(module, 1);
  const before = memory.begin(2 * roomFor(100));
  const first = memory.take(100);
  assert.equal(memory.take(100), first + roomFor(100));
  memory.end(before);
  const { bytes } = memory;
  for (let k = 0; k < 50; k++) {
    memory.begin(roomFor(100));
    assert.equal(memory.take(100), first);
    memory.end(before);
  }
  assert.equal(memory.bytes, bytes);
});

Deno.test("KernelMemory drops what was kept when room runs out, and says so", () => {
  const memory = new KernelMemory(module, 1);
  memory.begin(roomFor(100));
  memory.take(100);
  const kept = memory.mark();
  assert.ok(memory.holds(kept));
  // Together with what is kept this is more than there can be.
  memory.begin(MEMORY_BYTES - kept.top + 1);
  assert.ok(!memory.holds(kept));
  memory.rewind(kept); // ignored
  assert.ok(memory.mark().top < kept.top);
  memory.release();
});

Deno.test("KernelMemory refuses what no instance can have", () => {
  const memory = new KernelMemory(module, 1);
  assert.throws(() => memory.begin(2 ** 31), RangeError);
  assert.throws(() => memory.begin(NaN), RangeError);
});

Deno.test("KernelMemory does not hold on to much when nothing is kept", () => {
  const memory = new KernelMemory(module, 1);
  const before = memory.begin(300 * 2 ** 20);
  assert.ok(memory.bytes >= 300 * 2 ** 20);
  memory.end(before);
  assert.equal(memory.bytes, 0);
});
