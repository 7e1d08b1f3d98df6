import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { backendName, tf } from "lib/numeric/tensors.ts";

Deno.test("backendName() is the backend that computes, wasm under Deno", () => {
  assert.equal(backendName(), "wasm");
  assert.equal(tf.getBackend(), "wasm");
});

Deno.test("the backend starts in any working directory without a word", async () => {
  const url = import.meta.resolve("lib/numeric/tensors.ts");
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const directory = await Deno.makeTempDir();
  const code = `import { backendName } from "${url}"; ` +
    "console.log(backendName());";
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--config", `${root}deno.json`, code],
    cwd: directory,
  }).output();
  await Deno.remove(directory);
  const text = new TextDecoder();
  assert.equal(text.decode(stderr), "");
  assert.equal(text.decode(stdout), "wasm\n");
});
