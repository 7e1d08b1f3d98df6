/**
 * Dense tables of numbers in row-major order: element (i, j) of an `(n, d)`
 * matrix is `data[i * cols + j]`. Rows are samples, columns are features.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";

/** A dense row-major table of doubles, shape `(rows, cols)`. */
export type Matrix = {
  /** The elements, row after row, length `rows * cols`. */
  readonly data: Float64Array;
  /** Number of rows (samples). */
  readonly rows: number;
  /** Number of columns (features). */
  readonly cols: number;
};

/**
 * Joins equally long columns into one matrix.
 *
 * @param columns The columns, each of length n; at least one.
 * @returns A matrix of shape `(n, columns.length)`.
 * @throws {RangeError} If there is no column or the lengths differ.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { matrixFromColumns } from "lib/numeric/matrix.ts";
 *
 * const x = matrixFromColumns([Float64Array.of(1, 2), Float64Array.of(3, 4)]);
 * assert.deepEqual([...x.data], [1, 3, 2, 4]);
 * ```
 */
export function matrixFromColumns(
  columns: readonly ArrayLike<number>[],
): Matrix {
  if (columns.length === 0) {
    throw new RangeError("Cannot build a matrix: expected at least one column");
  }
  const cols = columns.length;
  const rows = columns[0].length;
  const data = new Float64Array(rows * cols);
  columns.forEach((column, j) => {
    if (column.length !== rows) {
      throw new RangeError(
        `Cannot build a matrix: column ${j} has ${column.length} rows, expected ${rows}`,
      );
    }
    for (let i = 0; i < rows; i++) data[i * cols + j] = column[i];
  });
  return { data, rows, cols };
}

/**
 * Joins equally wide rows into one matrix.
 *
 * @param rows The rows, each of length d; at least one.
 * @returns A matrix of shape `(rows.length, d)`.
 * @throws {RangeError} If there is no row or the widths differ.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { matrixFromRows } from "lib/numeric/matrix.ts";
 *
 * assert.equal(matrixFromRows([[1, 2], [3, 4], [5, 6]]).data[4], 5);
 * ```
 */
export function matrixFromRows(
  rows: readonly ArrayLike<number>[],
): Matrix {
  if (rows.length === 0) {
    throw new RangeError("Cannot build a matrix: expected at least one row");
  }
  const cols = rows[0].length;
  const data = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => {
    if (row.length !== cols) {
      throw new RangeError(
        `Cannot build a matrix: row ${i} has ${row.length} values, expected ${cols}`,
      );
    }
    data.set(row, i * cols);
  });
  return { data, rows: rows.length, cols };
}

/**
 * Copies one column out of a matrix.
 *
 * @param x The matrix, shape `(n, d)`.
 * @param j The column, from 0 to d - 1.
 * @returns The column, shape `(n)`.
 * @throws {RangeError} If `j` is no column of `x`.
 */
export function matrixColumn(x: Matrix, j: number): Float64Array {
  checkNumber(j, "column", "copy a column", {
    minimum: 0,
    maximum: x.cols - 1,
    integer: true,
  });
  const column = new Float64Array(x.rows);
  for (let i = 0; i < x.rows; i++) column[i] = x.data[i * x.cols + j];
  return column;
}

/**
 * Copies chosen rows, in the order of the indices, into a new matrix.
 *
 * @param x The matrix, shape `(n, d)`.
 * @param indices Row numbers from 0 to n - 1, any order, repeats allowed.
 * @returns A matrix of shape `(indices.length, d)`.
 * @throws {RangeError} If an index is no row of `x`.
 */
export function selectRows(x: Matrix, indices: ArrayLike<number>): Matrix {
  const { cols } = x;
  const data = new Float64Array(indices.length * cols);
  for (let k = 0; k < indices.length; k++) {
    if (!(indices[k] >= 0 && indices[k] < x.rows)) {
      throw new RangeError(
        `Cannot select rows: indices[${k}] is ${indices[k]}, expected 0 to ${
          x.rows - 1
        }`,
      );
    }
    const start = indices[k] * cols;
    data.set(x.data.subarray(start, start + cols), k * cols);
  }
  return { data, rows: indices.length, cols };
}

/**
 * Checks what every model demands of its input: rows, columns, a consistent
 * size, finite values, and the width it was fitted on.
 *
 * @param x The matrix to check, shape `(n, d)`.
 * @param action What is being done, for the message: "fit IsolationForest".
 * @param options The least number of rows (default 1) and the exact width.
 * @throws {TypeError} If `x` is not a matrix.
 * @throws {RangeError} If a size is out of range or a value is not finite.
 */
export function checkMatrix(
  x: Matrix,
  action: string,
  options: { minimumRows?: number; cols?: number } = {},
): void {
  const { minimumRows = 1, cols } = options;
  if (!(x?.data instanceof Float64Array)) {
    throw new TypeError(
      `Cannot ${action}: expected a Matrix with data in a Float64Array`,
    );
  }
  if (!(x.rows >= minimumRows) || !(x.cols >= 1)) {
    throw new RangeError(
      `Cannot ${action}: got ${x.rows} rows and ${x.cols} columns, expected at least ${minimumRows} and 1`,
    );
  }
  if (!(Number.isInteger(x.rows) && Number.isInteger(x.cols))) {
    throw new RangeError(
      `Cannot ${action}: got ${x.rows} rows and ${x.cols} columns, expected integers`,
    );
  }
  if (x.data.length !== x.rows * x.cols) {
    throw new RangeError(
      `Cannot ${action}: data holds ${x.data.length} values, expected ${x.rows} x ${x.cols}`,
    );
  }
  if (cols !== undefined && x.cols !== cols) {
    throw new RangeError(
      `Cannot ${action}: got ${x.cols} columns, expected ${cols} as in training`,
    );
  }
  for (let k = 0; k < x.data.length; k++) {
    if (!Number.isFinite(x.data[k])) {
      const i = Math.floor(k / x.cols);
      throw new RangeError(
        `Cannot ${action}: value at row ${i}, column ${k % x.cols} is ${
          x.data[k]
        }, expected a finite number`,
      );
    }
  }
}
