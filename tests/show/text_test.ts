import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cleanText,
  escapeMarkup,
  formatMeasured,
  formatNumber,
  formatShare,
  shorten,
} from "lib/show/text.ts";

Deno.test("formatNumber() writes numbers as English does, without zeros at the end", () => {
  const written = [0, 50_000, 0.5, 25.31, 1234.5678, 99.95, -2.5, 1e-6, 2e15]
    .map((value) => formatNumber(value));
  assert.deepEqual(written, [
    "0",
    "50,000",
    "0.5",
    "25.3",
    "1,235", // the integer part keeps its four digits
    "100", // three digits of 99.95
    "-2.5",
    "1E-6",
    "2E15",
  ]);
  assert.equal(formatNumber(Infinity), "∞");
  assert.equal(formatNumber(Number.MAX_VALUE), "1.8E308");
});

Deno.test("formatMeasured() keeps zeros at the end", () => {
  assert.deepEqual([25, 0.5, 0].map((value) => formatMeasured(value)), [
    "25.0",
    "0.500",
    "0.00",
  ]);
});

Deno.test("formatNumber() rejects NaN and digits out of range", () => {
  assert.throws(() => formatNumber(NaN), {
    name: "RangeError",
    message: "Cannot format a number: got NaN, expected a number",
  });
  assert.throws(() => formatNumber(1, 0), RangeError);
  assert.throws(() => formatNumber(1, 22), RangeError);
});

Deno.test("formatShare() says part, whole and percent", () => {
  assert.equal(formatShare(1, 3), "1 of 3 (33.3 %)");
});

Deno.test("cleanText() leaves nothing that moves a cursor or breaks XML", () => {
  assert.equal(cleanText("a\t\r\nb\u0000c\u009bd\u202ee\ud800"), "a b�c�d�e�");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const clean = cleanText(text);
      assert.doesNotMatch(clean, /[\p{Cc}\ufffe\uffff]/u);
      assert.equal(cleanText(clean), clean);
    }),
    { seed: 1 },
  );
});

Deno.test("shorten() counts characters, not UTF-16 units", () => {
  assert.equal(shorten("😀😀😀", 3), "😀😀😀");
  assert.equal(shorten("😀😀😀😀", 3), "😀😀…");
});

Deno.test("escapeMarkup() escapes what is escaped already", () => {
  assert.equal(
    escapeMarkup(`<a b="c">&amp;'`),
    "&lt;a b=&quot;c&quot;&gt;&amp;amp;&#39;",
  );
});
