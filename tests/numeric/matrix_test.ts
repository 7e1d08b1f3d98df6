import assert from "node:assert/strict";
import {
  checkMatrix,
  type Matrix,
  matrixColumn,
  matrixFromColumns,
  matrixFromRows,
  selectRows,
} from "lib/numeric/matrix.ts";

const x = matrixFromRows([[1, 2, 3], [4, 5, 6]]);

Deno.test("matrixFromRows() and matrixFromColumns() build the same table", () => {
  assert.deepEqual(x, {
    data: Float64Array.of(1, 2, 3, 4, 5, 6),
    rows: 2,
    cols: 3,
  });
  assert.deepEqual(matrixFromColumns([[1, 4], [2, 5], [3, 6]]), x);
});

Deno.test("matrixFromColumns() takes typed columns and no rows", () => {
  const table = matrixFromColumns([Uint16Array.of(500), Float64Array.of(0.5)]);
  assert.deepEqual([...table.data], [500, 0.5]);
  assert.equal(matrixFromColumns([[], []]).rows, 0);
});

Deno.test("matrices reject lists that do not fit together", () => {
  assert.throws(() => matrixFromRows([]), /at least one row/);
  assert.throws(() => matrixFromRows([[1], [1, 2]]), {
    name: "RangeError",
    message: /row 1 has 2 values, expected 1/,
  });
  assert.throws(() => matrixFromColumns([]), /at least one column/);
  assert.throws(() => matrixFromColumns([[1, 2], [1]]), {
    name: "RangeError",
    message: /column 1 has 1 rows, expected 2/,
  });
});

Deno.test("matrixColumn() copies one column", () => {
  const column = matrixColumn(x, 1);
  assert.deepEqual([...column], [2, 5]);
  column[0] = 99;
  assert.equal(x.data[1], 2);
  for (const j of [-1, 3, 0.5]) {
    assert.throws(() => matrixColumn(x, j), RangeError);
  }
});

Deno.test("selectRows() copies rows in the order asked for", () => {
  const chosen = selectRows(x, [1, 0, 1]);
  assert.deepEqual([...chosen.data], [4, 5, 6, 1, 2, 3, 4, 5, 6]);
  chosen.data[0] = 99;
  assert.equal(x.data[3], 4);
  assert.equal(selectRows(x, []).rows, 0);
});

Deno.test("selectRows() rejects rows that do not exist", () => {
  for (const row of [2, -1, NaN]) {
    assert.throws(() => selectRows(x, [0, row]), {
      name: "RangeError",
      message: `Cannot select rows: indices[1] is ${row}, expected 0 to 1`,
    });
  }
});

Deno.test("checkMatrix() accepts a matrix of the demanded size", () => {
  checkMatrix(x, "test");
  checkMatrix(x, "test", { minimumRows: 2, cols: 3 });
});

Deno.test("checkMatrix() names what is wrong", () => {
  const check = (bad: unknown, options = {}) => () =>
    checkMatrix(bad as Matrix, "test", options);
  for (const bad of [undefined, null, [[1]], { data: [1], rows: 1, cols: 1 }]) {
    assert.throws(check(bad), TypeError);
  }
  assert.throws(check(x, { minimumRows: 3 }), /got 2 rows/);
  assert.throws(check(x, { cols: 4 }), /got 3 columns, expected 4/);
  assert.throws(check({ ...x, rows: 3 }), /holds 6 values, expected 3 x 3/);
  assert.throws(check({ ...x, rows: NaN }), RangeError);
  assert.throws(check({ ...x, rows: 1.5, cols: 4 }), /1.5 rows.* integers/);
  assert.throws(check({ ...x, data: x.data.with(4, NaN) }), {
    name: "RangeError",
    message: /row 1, column 1 is NaN/,
  });
  assert.throws(check({ ...x, data: x.data.with(2, -Infinity) }), {
    name: "RangeError",
    message: /row 0, column 2 is -Infinity/,
  });
});
