import assert from "node:assert/strict";
import { join } from "node:path";
import { projectRoot } from "../../.tasks/project.ts";
import {
  blockText,
  fillTables,
  findOutput,
  PAGES,
} from "../../.tasks/readme.ts";

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

Deno.test("tables of the README and of what was measured are those of notebooks and results", async () => {
  for (const page of PAGES) {
    const text = Deno.readTextFileSync(join(projectRoot, page));
    const filled = await fillTables(text, blockText);
    assert.ok(filled === text, `run \`deno task readme\` and commit ${page}`);
  }
});
