import assert from "node:assert/strict";
import { join } from "node:path";
import { checkNotebooks } from "../../.tasks/check_notebooks.ts";

const code = (source: string) => ({ cell_type: "code", source });

async function check(sources: readonly string[]) {
  const folder = await Deno.makeTempDir();
  try {
    const notebook = join(folder, "Trial.ipynb");
    await Deno.writeTextFile(
      notebook,
      JSON.stringify({ cells: sources.map(code) }),
    );
    return await checkNotebooks([notebook], join(folder, "joined"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("checkNotebooks() accepts top-level await and Deno.jupyter", async () => {
  const { ok, output } = await check([
    "const n = await Promise.resolve(1);",
    'await Deno.jupyter.display({ "text/plain": `${n}` }, { raw: true });',
  ]);
  assert.ok(ok, output);
});

Deno.test("checkNotebooks() says the cell and line of a type error", async () => {
  const { ok, output } = await check([
    "const n = 1;",
    "n;\nconst text: string = n;",
  ]);
  assert.equal(ok, false);
  assert.match(output, /Type 'number' is not assignable to type 'string'/);
  assert.match(output, /Trial\.ipynb, cell 2, line 2, column 7/);
});
