import assert from "node:assert/strict";
import { joinCells, mapPositions } from "../../.tasks/join_cells.ts";

Deno.test("joinCells() puts a statement's end between cells", () => {
  assert.equal(
    joinCells(["const a = [1]\na", "[0].at(0)\n"]).text,
    [
      '/// <reference lib="deno.unstable" />',
      "const a = [1]",
      "a",
      ";",
      "[0].at(0)",
      ";",
      "export {};",
      "",
    ].join("\n"),
  );
});

Deno.test("joinCells() knows the cell and line of each line", () => {
  // Lines of the module: header, two of cell 1, ";", one of cell 2, ";".
  assert.deepEqual(joinCells(["const a = [1]\na", "[0].at(0)\n"]).origin, [
    undefined,
    { cell: 1, line: 1 },
    { cell: 1, line: 2 },
    undefined,
    { cell: 2, line: 1 },
    undefined,
  ]);
});

Deno.test("joinCells() of no cells is an empty module", () => {
  assert.equal(
    joinCells([]).text,
    '/// <reference lib="deno.unstable" />\nexport {};\n',
  );
});

Deno.test("mapPositions() rewrites positions in the cells, and only those", () => {
  const url = "file:///p/.check/N.ts";
  const cells = joinCells(["a;", "b;\nc;"]);
  const joined = new Map([[url, { name: "N.ipynb", cells }]]);
  // Line 5 of the module is the second line of cell 2: header, a, ";", b, c.
  assert.equal(
    mapPositions(
      `at ${url}:5:9\nat file:///p/lib/x.ts:5:9\nat ${url}:1:1\nat ${url}:99:1`,
      joined,
    ),
    "at N.ipynb, cell 2, line 2, column 9\n" +
      `at file:///p/lib/x.ts:5:9\nat ${url}:1:1\nat ${url}:99:1`,
  );
});
