/**
 * What every point detector must keep, as one list of steps for each of their
 * tests to run.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PointDetector } from "lib/detect/detector.ts";
import { type Matrix, matrixFromRows, selectRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { damages, forEachField, type Path } from "./json_damage.ts";

/** How {@linkcode checkPointDetector} makes and loads a detector. */
export type PointDetectorSubject = {
  /** Fits on values from 0 to 1; must learn enough to rank the outlier. */
  fit: (x: Matrix, seed: number) => PointDetector | Promise<PointDetector>;
  /** Loads what `toJSON` gave. */
  load: (json: unknown) => PointDetector | Promise<PointDetector>;
  /**
   * How far scores of the same row may lie apart, relative to the largest
   * score, where a row is scored in another company: above 0 only where 32-bit
   * sums depend on the batch. @default {0}
   */
  tolerance?: number;
};

const SEED = 5;
const ROWS = 160;
const OUTLIER = 77;

/**
 * Runs the contract of point detectors.
 *
 * @param t The test to run the steps in.
 * @param subject How to make and load a detector.
 */
export async function checkPointDetector(
  t: Deno.TestContext,
  subject: PointDetectorSubject,
): Promise<void> {
  const { fit, load, tolerance = 0 } = subject;
  const x = plantedRows();
  const original = x.data.slice();
  const detector = await fit(x, SEED);
  const scores = detector.score(x);
  const text = JSON.stringify(detector);
  const reload = async (json: string) => await load(JSON.parse(json));

  await t.step("gives one finite score a row", () => {
    assert.equal(scores.length, ROWS);
    assert(scores.every(Number.isFinite));
    assert.equal(detector.featureCount, x.cols);
  });

  await t.step("ranks a planted outlier first", () => {
    assert.equal(scores.indexOf(Math.max(...scores)), OUTLIER);
  });

  await t.step("gives the same scores for the same seed", async () => {
    assert.deepEqual((await fit(x, SEED)).score(x), scores);
    assert.deepEqual(detector.score(x), scores);
  });

  await t.step("leaves its inputs as they are", () => {
    assert.deepEqual(x.data, original);
  });

  await t.step("scores a row alike in any order and company", () => {
    const order = new Random(SEED).sample(ROWS, ROWS);
    const shuffled = detector.score(selectRows(x, order));
    const expected = Float64Array.from(order, (row) => scores[row]);
    assertClose(shuffled, expected, tolerance);
    for (const row of [0, OUTLIER, ROWS - 1]) {
      const alone = detector.score(selectRows(x, [row]));
      assertClose(alone, Float64Array.of(scores[row]), tolerance);
    }
  });

  await t.step("keeps scores through JSON", async () => {
    const loaded = await reload(text);
    assert.equal(loaded.kind, detector.kind);
    assert.deepEqual(loaded.score(x), scores);
    assert.equal(JSON.stringify(loaded), text);
  });

  await t.step("rejects another width, saying which", () => {
    const narrow = matrixFromRows([[0.3, 0.3]]);
    assert.throws(() => detector.score(narrow), {
      name: "RangeError",
      message: /2 columns, expected 3/,
    });
  });

  await t.step("rejects rows that are not finite, saying where", async () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const bad = { ...x, data: x.data.with(4, value) };
      const message = new RegExp(
        `^Cannot .+: value at row 1, column 1 is ${value}, expected a finite`,
      );
      const error = { name: "RangeError", message };
      assert.throws(() => detector.score(bad), error);
      await assert.rejects(async () => await fit(bad, SEED), error);
    }
  });

  await t.step("rejects what is no table, saying what it got", async () => {
    const { data, rows, cols } = x;
    const none = new Float64Array(0);
    for (
      const [message, bad] of [
        [/got 0 rows/, { data: none, rows: 0, cols }],
        [/0 columns/, { data: none, rows, cols: 0 }],
        [/got -160 rows/, { data, rows: -rows, cols: -cols }],
        [/got NaN rows/, { data, rows: NaN, cols }],
        [/got 320 rows and 1.5 columns/, { data, rows: 320, cols: 1.5 }],
        // A ragged table: its last row is short.
        [/holds 479 values, expected 160 x 3/, {
          ...x,
          data: data.slice(0, -1),
        }],
        [/holds 480 values, expected 161 x 3/, { ...x, rows: rows + 1 }],
      ] as const
    ) {
      const error = { name: "RangeError", message };
      assert.throws(() => detector.score(bad), error);
      await assert.rejects(async () => await fit(bad, SEED), error);
    }
    for (
      const bad of [undefined, null, [[1, 2, 3]], { ...x, data: [...data] }]
    ) {
      const error = {
        name: "TypeError",
        message: /^Cannot .+expected a Matrix/,
      };
      const matrix = bad as unknown as Matrix;
      assert.throws(() => detector.score(matrix), error);
      await assert.rejects(async () => await fit(matrix, SEED), error);
    }
  });

  await t.step("scores the ends of the range of doubles", () => {
    const ends = [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -0];
    const row = (k: number) => [ends[k % 4], ends[(k + 1) % 4], ends[k % 3]];
    const extremes = matrixFromRows([0, 1, 2, 3].map(row));
    assert(detector.score(extremes).every(Number.isFinite));
  });

  await t.step(
    "names the field that is missing or of a wrong kind",
    () =>
      forEachField(text, async (path, value, copyWith) => {
        for (const damage of damages(value)) {
          const json = copyWith(damage);
          await assert.rejects(async () => await load(json), (error) => {
            assertNamesField(error, path);
            return true;
          });
        }
      }),
  );

  await t.step(
    "never fails later if it loads another number",
    () =>
      forEachField(text, async (path, value, copyWith) => {
        if (typeof value !== "number") return;
        for (const other of [-1, 0, 0.5, value + 1, 2 ** 31, 1e308]) {
          let loaded: PointDetector;
          try {
            loaded = await load(copyWith(other));
          } catch (error) {
            assert(error instanceof SyntaxError, `${path.join(".")}: ${error}`);
            continue;
          }
          const rows = rowsFor(loaded, x);
          assert(loaded.score(rows).every(Number.isFinite), path.join("."));
        }
      }),
  );

  await t.step("is not fooled by __proto__", async () => {
    const extra = text.replaceAll("{", '{"__proto__":{"polluted":1},');
    assert.deepEqual((await reload(extra)).score(x), scores);
    assert.equal("polluted" in {}, false);
    await assert.rejects(() => reload(`{"__proto__":${text}}`), SyntaxError);
  });

  await t.step("rejects JSON that is no model", async () => {
    for (const json of [null, undefined, 7, "model", true, [], {}, [{}]]) {
      await assert.rejects(async () => await load(json), SyntaxError);
    }
  });
}

/** Rows along a line with a little noise, and one far off it. */
function plantedRows(): Matrix {
  const random = new Random(SEED);
  const rows = Array.from({ length: ROWS }, () => {
    const level = 0.2 + 0.2 * random.uniform();
    const noise = () => 0.02 * random.normal();
    return [level + noise(), level + noise(), 0.5 - level + noise()];
  });
  rows[OUTLIER] = [0.95, 0.05, 0.9];
  return matrixFromRows(rows);
}

/** The rows, or one of zeros where another width was loaded. */
function rowsFor(detector: PointDetector, x: Matrix): Matrix {
  const { featureCount } = detector;
  if (featureCount === x.cols) return x;
  return matrixFromRows([new Float64Array(featureCount)]);
}

function assertClose(
  actual: Float64Array,
  expected: Float64Array,
  tolerance: number,
): void {
  const largest = Math.max(...expected.map(Math.abs));
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const gap = Math.abs(value - expected[i]);
    assert(gap <= tolerance * largest, `row ${i}: ${value}, ${expected[i]}`);
  });
}

/** A field may be blamed under its own name or that of one it stands in. */
function assertNamesField(error: unknown, path: Path): void {
  assert(error instanceof SyntaxError, `${path.join(".")}: ${error}`);
  const names = path.filter((key) => typeof key === "string");
  assert(
    names.some((name) => error.message.includes(name)),
    `"${error.message}" names none of ${names}`,
  );
}
