import assert from "node:assert/strict";
import { codeCells, resolveNotebook } from "../../.tasks/notebook_files.ts";

const paths = ["n/API_Anomaly.ipynb", "n/Predictive.ipynb", "n/Pre.ipynb"];

Deno.test("resolveNotebook() takes a name with and without extension", () => {
  assert.equal(resolveNotebook("Predictive.ipynb", paths), paths[1]);
  assert.equal(resolveNotebook("Predictive", paths), paths[1]);
  assert.equal(resolveNotebook("notebooks/Predictive.ipynb", paths), paths[1]);
});

Deno.test("resolveNotebook() takes the beginning of one name", () => {
  assert.equal(resolveNotebook("API", paths), paths[0]);
  assert.equal(resolveNotebook("Pred", paths), paths[1]);
});

Deno.test("resolveNotebook() prefers a whole name to a beginning", () => {
  assert.equal(resolveNotebook("Pre", paths), paths[2]);
});

Deno.test("resolveNotebook() rejects the beginning of several names", () => {
  assert.throws(() => resolveNotebook("P", paths), {
    name: "RangeError",
    message: 'Cannot choose a notebook: "P" is the beginning of several, ' +
      "expected one of Predictive, Pre",
  });
});

Deno.test("resolveNotebook() rejects an unknown name and lists all", () => {
  assert.throws(() => resolveNotebook("api", paths), {
    name: "RangeError",
    message: 'Cannot choose a notebook: "api" is the beginning of none, ' +
      "expected one of API_Anomaly, Predictive, Pre",
  });
});

Deno.test("codeCells() keeps the code that runs, in order", () => {
  const cells = [
    { cell_type: "markdown", source: ["# Title"] },
    { cell_type: "code", source: ["const a = 1;\n", "a;"] },
    { cell_type: "code", source: [] },
    { cell_type: "code", source: "  \n" },
    { cell_type: "code", source: "const b = 2;" },
  ];
  assert.deepEqual(codeCells(JSON.stringify({ cells })), [
    "const a = 1;\na;",
    "const b = 2;",
  ]);
});

Deno.test("codeCells() rejects a text that is no notebook", () => {
  assert.throws(() => codeCells("{}"), SyntaxError);
});
