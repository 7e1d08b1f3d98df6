import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readModelFile } from "lib/commands/model_file.ts";

async function readText(
  content: string | Uint8Array,
  fromJSON: (json: unknown) => unknown = (json) => json,
): Promise<unknown> {
  const path = await Deno.makeTempFile({ prefix: "model" });
  try {
    await (typeof content === "string"
      ? Deno.writeTextFile(path, content)
      : Deno.writeFile(path, content));
    return await readModelFile(path, fromJSON);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readModelFile() reads what the file holds, gzipped or not", async () => {
  const text = '{"kind":"forest","trees":[1,2]}';
  const expected = { kind: "forest", trees: [1, 2] };
  assert.deepEqual(await readText(text), expected);
  assert.deepEqual(await readText(`\ufeff${text}`), expected);
  assert.deepEqual(await readText(gzipSync(text)), expected);
});

Deno.test("readModelFile() names the file and what is wrong with it", async () => {
  const refuse = (kind: "now" | "later") => () => {
    const error = new SyntaxError("Cannot load model: kind is missing");
    if (kind === "now") throw error;
    return Promise.reject(error);
  };
  for (const kind of ["now", "later"] as const) {
    await assert.rejects(readText("{}", refuse(kind)), {
      name: "SyntaxError",
      message: /model\S+: Cannot load model: kind is missing$/,
    });
  }
  for (const text of ["", "{", "\0"]) {
    await assert.rejects(readText(text), {
      name: "SyntaxError",
      message: /model\S+: .*JSON/,
    });
  }
  await assert.rejects(readModelFile("there/is/none", () => {}), {
    code: "ENOENT",
  });
});
