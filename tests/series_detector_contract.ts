/**
 * What every detector of series must keep, as one list of steps for each of
 * their tests to run.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SeriesDetector } from "lib/detect/detector.ts";
import { Random } from "lib/numeric/random.ts";
import { damages, forEachField } from "./json_damage.ts";

/** How {@linkcode checkSeriesDetector} makes and loads a detector. */
export type SeriesDetectorSubject = {
  /** Fits on values from 0 to 1; must learn enough to rank the outlier. */
  fit: (values: Float64Array) => SeriesDetector | Promise<SeriesDetector>;
  /** Loads what `toJSON` gave. */
  load: (json: unknown) => SeriesDetector | Promise<SeriesDetector>;
  /** What `isCausal` must say. */
  isCausal: boolean;
  /** Rows after the outlier that may have the highest score in its stead, such
   * as those whose window it is in. @default {0} */
  reach?: number;
  /** Fields of the file that may hold other texts or null. @default {[]} */
  freeFields?: readonly string[];
  /** Frees the detector. @default {nothing} */
  dispose?: (detector: SeriesDetector) => void;
};

const SEED = 8;
const PERIOD = 12;
const ROWS = 20 * PERIOD;
const OUTLIER = 150;

/**
 * Runs the contract of detectors of series.
 *
 * @param t The test to run the steps in.
 * @param subject How to make and load a detector.
 */
export async function checkSeriesDetector(
  t: Deno.TestContext,
  subject: SeriesDetectorSubject,
): Promise<void> {
  const { fit, load, isCausal, reach = 0 } = subject;
  const { freeFields = [], dispose = () => {} } = subject;
  const values = plantedSeries();
  const original = values.slice();
  const detector = await fit(values);
  const scores = detector.score(values);
  const text = JSON.stringify(detector);

  await t.step("gives one finite score a row, from minimumRows on", () => {
    for (const rows of new Set([detector.minimumRows, ROWS])) {
      const some = detector.score(values.slice(0, rows));
      assert.equal(some.length, rows);
      assert(some.every(Number.isFinite));
    }
  });

  await t.step("ranks a planted outlier first", () => {
    const highest = scores.indexOf(Math.max(...scores));
    assert(
      highest >= OUTLIER - reach && highest <= OUTLIER + reach,
      `row ${highest}`,
    );
  });

  await t.step("gives the same scores again", async () => {
    assert.deepEqual(detector.score(values), scores);
    const again = await fit(values);
    assert.deepEqual(again.score(values), scores);
    dispose(again);
  });

  await t.step("leaves its inputs as they are", () => {
    assert.deepEqual(values, original);
  });

  await t.step("looks at later rows only if it says so", () => {
    assert.equal(detector.isCausal, isCausal);
    const first = Math.max(OUTLIER, detector.minimumRows);
    const other = values.map((value, row) => row > first ? 5 - value : value);
    const changed = detector.score(other);
    const start = detector.minimumRows - 1;
    const [past, before] = [changed, scores].map((all) =>
      all.slice(start, first + 1)
    );
    if (isCausal) assert.deepEqual(past, before);
    else assert.notDeepEqual(past, before);
  });

  await t.step("keeps scores through JSON", async () => {
    const loaded = await load(JSON.parse(text));
    assert.equal(loaded.kind, detector.kind);
    assert.equal(loaded.isCausal, isCausal);
    assert.equal(loaded.minimumRows, detector.minimumRows);
    assert.deepEqual(loaded.score(values), scores);
    assert.equal(JSON.stringify(loaded), text);
    dispose(loaded);
  });

  await t.step("rejects too few values, and those not finite", async () => {
    const few = values.slice(0, detector.minimumRows - 1);
    assert.throws(() => detector.score(few), RangeError);
    await assert.rejects(async () => await fit(values.slice(0, 0)), RangeError);
    for (const value of [NaN, Infinity, -Infinity]) {
      const bad = values.with(3, value);
      const error = {
        name: "RangeError",
        message: /^Cannot .+expected a fini/,
      };
      assert.throws(() => detector.score(bad), error);
      await assert.rejects(async () => await fit(bad), error);
    }
  });

  await t.step("takes constant, negative and extreme values", async () => {
    const flat = new Float64Array(ROWS).fill(-7);
    const calm = await fit(flat);
    const [first, ...others] = calm.score(flat).slice(ROWS / 2);
    assert(others.every((score) => score === first));
    dispose(calm);
    const ends = [1e300, -1e300, Number.MIN_VALUE, -0];
    const extremes = values.map((_, row) => ends[row % ends.length]);
    assert(detector.score(extremes).every(Number.isFinite));
  });

  await t.step(
    "names what is missing or of a wrong kind",
    () =>
      forEachField(text, async (path, value, copyWith) => {
        if (path.some((key) => freeFields.includes(String(key)))) return;
        for (const damage of damages(value)) {
          // Through text, as what is taken out of a list leaves a null there.
          const damaged = JSON.stringify(copyWith(damage));
          await assert.rejects(
            async () => await load(JSON.parse(damaged)),
            (error) => {
              assert(error instanceof SyntaxError, `${path}: ${error}`);
              return true;
            },
            path.join("."),
          );
        }
      }),
  );

  await t.step("rejects JSON that is no model", async () => {
    for (const json of [null, undefined, 7, "model", true, [], {}, [{}]]) {
      await assert.rejects(async () => await load(json), SyntaxError);
    }
  });
  dispose(detector);
}

/** A wave of 12 rows with noise, and one value far off. */
function plantedSeries(): Float64Array {
  const random = new Random(SEED);
  const values = Float64Array.from(
    { length: ROWS },
    (_, row) =>
      0.3 + 0.1 * Math.sin(row / PERIOD * 2 * Math.PI) +
      0.01 * random.normal(),
  );
  values[OUTLIER] = 1;
  return values;
}
