import assert from "node:assert/strict";
import fc from "fast-check";
import { shellQuote } from "lib/commands/shell_quote.ts";

Deno.test("shellQuote() leaves plain arguments and quotes others", () => {
  for (
    const [text, expected] of [
      ["data/a-1_b.csv", "data/a-1_b.csv"],
      ["--column", "--column"],
      ["timestamp=When", "timestamp=When"],
      ["my log.csv", "'my log.csv'"],
      ["$HOME`x`", "'$HOME`x`'"],
      ["it's", "'it'\\''s'"],
      ["", "''"],
      ["größe", "'größe'"],
      ["a\nb'\\\u001b", "$'a\\x0ab\\'\\\\\\x1b'"],
      ["\u202e.csv", "$'\\xe2\\x80\\xae.csv'"],
    ]
  ) assert.equal(shellQuote(text), expected);
});

Deno.test("shellQuote() gives bash the very text, and no control character", async () => {
  const texts = fc.sample(
    fc.string({ unit: "binary", maxLength: 12 })
      .map((text) => text.replaceAll("\0", "")),
    { seed: 5, numRuns: 200 },
  );
  const script = texts.map((text) => `printf '%s\\0' ${shellQuote(text)}`);
  // deno-lint-ignore no-control-regex -- they are what must not be there
  assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(script.join("\n")));
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", script.join("\n")],
  }).output();
  const read = new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout);
  assert.deepEqual(read.split("\0").slice(0, -1), texts);
});
