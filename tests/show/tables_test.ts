import assert from "node:assert/strict";
import { type Table, table } from "lib/show/tables.ts";

const ROWS = [
  { endpoint: "/orders", count: 12_345, "mae (ms)": 1.25, slow: true },
  { endpoint: "/users", count: 7, "mae (ms)": 100, slow: false },
  { endpoint: null, count: 2, "mae (ms)": 0.01234, slow: false },
];

/** The table as the kernel shows it. */
function htmlOf(shown: Table): string {
  return shown[Symbol.for("Jupyter.display")]()["text/html"];
}

Deno.test("table() aligns text to exactly these lines", () => {
  const shown = table(ROWS, { title: "Endpoints" });
  assert.equal(
    String(shown),
    [
      "Endpoints",
      "endpoint   count  mae (ms)  slow",
      "--------  ------  --------  ----",
      "/orders   12,345      1.25  yes",
      "/users         7       100  no",
      "–              2    0.0123  no",
    ].join("\n"),
  );
});

Deno.test("table() says how many rows it leaves out", () => {
  const rows = Array.from({ length: 50_000 }, (_, row) => ({ row }));
  assert.equal(
    String(table(rows, { limit: 2 })),
    "2 of 50,000 rows\nrow\n---\n  0\n  1",
  );
  assert.match(
    htmlOf(table(rows, { title: "Requests" })),
    /<caption>Requests \(10 of 50,000 rows\)<\/caption>/,
  );
  assert.equal(
    String(table([], { title: "Incidents" })),
    "Incidents (no rows)",
  );
});

Deno.test("table() shows itself as HTML and as text", () => {
  const shown = table([{ model: "LSTM", mae: 2.5 }]);
  const display = shown[Symbol.for("Jupyter.display")]();
  assert.deepEqual(display, {
    "text/html": "<table>" +
      '<thead><tr><th style="text-align:left">model</th>' +
      '<th align="right">mae</th></tr></thead>' +
      '<tbody><tr><td style="text-align:left">LSTM</td>' +
      '<td align="right">2.50</td></tr></tbody></table>',
    "text/plain": "model   mae\n-----  ----\nLSTM   2.50",
  });
});

Deno.test("table() escapes names and values that come from logs", () => {
  const shown = table([{ "<b>": "<script>alert('x')</script>\u001b[2J" }], {
    title: "<i>",
  });
  const html = htmlOf(shown);
  assert.match(html, /&lt;script&gt;alert\(&#39;x&#39;\)&lt;\/script&gt;�\[2J/);
  assert.doesNotMatch(html, /<script|<b>|<i>|\p{Cc}/u);
  assert.ok(!String(shown).includes("\u001b"));
});

Deno.test("table() joins the columns of rows that differ", () => {
  assert.equal(
    String(table([{ a: 1 }, { b: "x" }])),
    "a  b\n-  -\n1  –\n–  x",
  );
});

Deno.test("table() keeps whole numbers whole", () => {
  assert.equal(
    String(table([{ n: 123_456_789 }])),
    "          n\n-----------\n123,456,789",
  );
});

Deno.test("table() reads no value that a row only inherits", () => {
  assert.equal(
    String(table([{ toString: 1 }, { a: 2 }])),
    "toString  a\n--------  -\n       1  –\n       –  2",
  );
});

Deno.test("table() rejects NaN and a limit below one", () => {
  assert.throws(() => table([{ mae: 1 }, { mae: NaN }]), {
    name: "RangeError",
    message: "Cannot format a number: got NaN, expected a number",
  });
  assert.throws(() => table(ROWS, { limit: 0 }), RangeError);
});
