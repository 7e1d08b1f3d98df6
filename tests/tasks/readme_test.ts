import assert from "node:assert/strict";
import { blockText, fillTables, findOutput } from "../../.tasks/readme.ts";

Deno.test("fillTables() replaces the block after a comment, and nothing else", async () => {
  const block = (text: string) =>
    `<!-- from a: b -->\n\n\`\`\`text\n${text}\`\`\`\n`;
  const filled = await fillTables(
    `# x\n${block("old\n")}\n\`\`\`text\nkept\n\`\`\`\n`,
    (notebook, title) => `${title} of ${notebook}\nhead  \n1 \n`,
  );
  assert.equal(
    filled,
    `# x\n${block("head\n1\n")}\n\`\`\`text\nkept\n\`\`\`\n`,
  );
});

Deno.test("findOutput() joins lines and says what is missing", () => {
  const data = { "text/plain": ["Title\n", "1"] };
  const notebook = { cells: [{}, { outputs: [{}, { data }] }] };
  assert.deepEqual(findOutput(notebook, "Title"), { "text/plain": "Title\n1" });
  assert.throws(() => findOutput(notebook, "Other"), /begins with "Other"/);
});

Deno.test("the README's tables are those of the executed notebooks and benchmarks", async () => {
  const readme = Deno.readTextFileSync(
    new URL("../../README.md", import.meta.url),
  );
  const filled = await fillTables(readme, blockText);
  assert.ok(filled === readme, "run `deno task readme` and commit README.md");
});
