/**
 * Isolation Forest: rows that random splits separate from the rest after few
 * steps are anomalous. Score `s(x) = 2^(-E[h(x)] / c(psi))`, with `h` the path
 * length in a tree and `c` its expectation for psi rows; near 1 is anomalous,
 * near 0.5 unremarkable.
 *
 * @see F. T. Liu, K. M. Ting, Z.-H. Zhou, Isolation Forest (2008).
 *
 * @module
 */

import type { ModelJson, PointDetector } from "./detector.ts";
import { ForestEngine } from "./forest_engine.ts";
import { attributePathLengths } from "./forest_explanation.ts";
import {
  averagePathLength,
  growTree,
  type IsolationTrees,
  joinTrees,
  sumPathLengths,
} from "./isolation_tree.ts";
import {
  decodeTrees,
  encodeTrees,
  TREE_FIELDS,
} from "./isolation_tree_json.ts";
import { availableThreads } from "../kernels/kernel_workers.ts";
import { checkNumber, checkSeed } from "../numeric/checks.ts";
import { checkChecksums, withChecksums } from "../numeric/field_checksums.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "../numeric/matrix.ts";
import { Random } from "../numeric/random.ts";

export { averagePathLength } from "./isolation_tree.ts";

const KIND = "isolation_forest";
const CHECKED_FIELDS = [
  "kind",
  "featureCount",
  "subsampleSize",
  ...TREE_FIELDS,
];
/** Fewer rows are scored before the trees are laid out for the engine. */
const ENGINE_ROWS = 512;
/** Fewer rows times trees take some 0.1 s, which a worker, that takes 0.04 s of a
 * processor to start, hardly shortens. */
const WORKER_ROW_TREES = 2e7;
const INT32_MAXIMUM = 2 ** 31 - 1;

/** Options for {@linkcode IsolationForest.fit}. */
export type IsolationForestOptions = {
  /** Number of trees. @default {100} */
  treeCount?: number;
  /**
   * Rows drawn, without replacement, for each tree; all rows where there are
   * fewer. @default {256}
   */
  subsampleSize?: number;
  /** Seed of the random streams, one a tree. @default {0} */
  seed?: number;
};

/** Options for {@linkcode IsolationForest.scoreParallel}. */
export type ParallelScoringOptions = {
  /**
   * Threads that score, the calling one among them.
   * @default {as many as the engine can run at once}
   */
  workers?: number;
};

/**
 * A fitted Isolation Forest.
 *
 * scikit-learn's `score_samples` is `-score`, and its `decision_function` is
 * `threshold - score`, where the threshold is the quantile of the training
 * scores at `1 - contamination` (0.5 for `contamination="auto"`).
 */
export class IsolationForest implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The number of features d that it was fitted on. */
  readonly featureCount: number;
  /** The number of rows that each tree was grown on, psi. */
  readonly subsampleSize: number;
  readonly #trees: IsolationTrees;
  /** Null where there can be none; made when many rows are first scored. */
  #engine: ForestEngine | null | undefined;

  private constructor(
    trees: IsolationTrees,
    featureCount: number,
    subsampleSize: number,
  ) {
    this.#trees = trees;
    this.featureCount = featureCount;
    this.subsampleSize = subsampleSize;
  }

  /**
   * Grows the trees. Features need no scaling. Tree t depends on the seed and
   * t alone, so that more trees only add to those of a smaller forest.
   *
   * @param x Training rows, shape `(n, d)`, n >= 2.
   * @param options Number and size of the trees, and the seed.
   * @returns The fitted forest.
   * @throws {RangeError} If `x` has fewer than 2 rows or a value that is not
   * finite, or an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { IsolationForest } from "lib/detect/isolation_forest.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows([[1], [2], [3], [4], [100]]);
   * const scores = IsolationForest.fit(x, { seed: 7 }).score(x);
   * assert.equal(scores.indexOf(Math.max(...scores)), 4);
   * ```
   */
  static fit(
    x: Matrix,
    options: IsolationForestOptions = {},
  ): IsolationForest {
    const { treeCount = 100, subsampleSize = 256, seed = 0 } = options;
    const action = "fit IsolationForest";
    checkNumber(treeCount, "treeCount", action, { minimum: 1, integer: true });
    checkNumber(subsampleSize, "subsampleSize", action, {
      minimum: 2,
      integer: true,
    });
    checkSeed(seed, action);
    checkMatrix(x, action, { minimumRows: 2 });
    const size = Math.min(subsampleSize, x.rows);
    const trees = Array.from({ length: treeCount }, (_, tree) => {
      const random = new Random(seed, tree);
      return growTree(x, random.sample(size, x.rows), random);
    });
    return new IsolationForest(joinTrees(trees), x.cols, size);
  }

  /**
   * The number of trees.
   *
   * @returns The number, an integer >= 1.
   */
  get treeCount(): number {
    return this.#trees.roots.length;
  }

  /**
   * Scores rows. Time grows with rows times trees times log2(psi).
   *
   * @param x Rows to score, shape `(n, d)`.
   * @returns Scores in (0, 1], shape `(n)`; higher is more anomalous.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   */
  score(x: Matrix): Float64Array {
    checkMatrix(x, "score with IsolationForest", { cols: this.featureCount });
    const engine = x.rows < ENGINE_ROWS ? null : this.#lazyEngine();
    if (engine) return engine.score(x, this.#scale);
    const scale = this.#scale;
    return sumPathLengths(this.#trees, x).map((sum) => 2 ** (-sum / scale));
  }

  /**
   * Scores rows in several threads over shared memory. The calling thread does
   * it all where that takes hardly longer than a worker needs to start (below
   * 200,000 rows for 100 trees), and where an engine has no threads or shares no
   * memory (a page that is not cross-origin isolated).
   *
   * @param x Rows to score, shape `(n, d)`.
   * @param options The number of threads.
   * @returns What {@linkcode IsolationForest.score} gives, bit by bit.
   * @throws {RangeError} As `score`, and if `workers` is not an integer >= 1.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { IsolationForest } from "lib/detect/isolation_forest.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows(Array.from({ length: 2e5 }, (_, i) => [i % 97]));
   * const forest = IsolationForest.fit(x);
   * const scores = await forest.scoreParallel(x, { workers: 2 });
   * assert.deepEqual(scores, forest.score(x));
   * ```
   */
  async scoreParallel(
    x: Matrix,
    options: ParallelScoringOptions = {},
  ): Promise<Float64Array> {
    const { workers = availableThreads() } = options;
    const action = "score with IsolationForest";
    checkNumber(workers, "workers", action, { minimum: 1, integer: true });
    checkMatrix(x, action, { cols: this.featureCount });
    const isLarge = x.rows * this.treeCount >= WORKER_ROW_TREES;
    const engine = isLarge ? this.#lazyEngine() : null;
    return engine
      ? await engine.scoreParallel(x, this.#scale, workers)
      : this.score(x);
  }

  /**
   * Says how much each feature contributed to each score: the Shapley values of
   * `log2(score) = -E[h] / c(psi)` under the trees (TreeSHAP with the paths of
   * the training rows). They are chosen over the depth-based importance of DIFFI
   * because they are in a unit and add up: a contribution of 0.1 multiplies the
   * score by 2^0.1, and what a row's contributions leave of `log2(score)` is the
   * same for all rows, the mean over the training rows. Takes about 1 ms a row
   * for 100 trees: meant for the rows that were flagged.
   *
   * Splits draw their features at random, so that wide tables want more trees:
   * 100 for some 6 features, 300 for 20. A value below the dense end of a skewed
   * feature is seen only by trees that hold another such, as for the score.
   *
   * @param x Rows to explain, shape `(n, d)`.
   * @returns Contributions in bits, shape `(n, d)`; higher is more anomalous,
   * below 0 where the feature is more usual than most.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   * @see S. M. Lundberg et al., From local explanations to global understanding
   * with explainable AI for trees (2020).
   * @see M. Carletti, M. Terzi, G. A. Susto, Interpretable Anomaly Detection with
   * DIFFI (2023), for the alternative.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { IsolationForest } from "lib/detect/isolation_forest.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const rows = Array.from({ length: 99 }, (_, i) => [i % 10, i % 7]);
   * const forest = IsolationForest.fit(matrixFromRows([...rows, [5, 70]]));
   * const [first, second] = forest.explain(matrixFromRows([[5, 70]])).data;
   * assert(second > 0.3 && second > 5 * Math.abs(first));
   * ```
   */
  explain(x: Matrix): Matrix {
    checkMatrix(x, "explain with IsolationForest", { cols: this.featureCount });
    const scale = this.#scale;
    const { data, rows, cols } = attributePathLengths(this.#trees, x);
    return { data: data.map((edges) => -edges / scale), rows, cols };
  }

  /**
   * Gives the forest for a model file.
   *
   * @returns JSON from which the forest loads with equal scores.
   */
  toJSON(): ModelJson {
    return withChecksums({
      kind: this.kind,
      featureCount: this.featureCount,
      subsampleSize: this.subsampleSize,
      ...encodeTrees(this.#trees),
    });
  }

  /**
   * Loads a forest, checking everything: a damaged or hostile file throws and
   * never makes {@linkcode IsolationForest.score} fail or run for ever.
   *
   * @param json What {@linkcode IsolationForest.toJSON} returned.
   * @returns The forest.
   * @throws {SyntaxError} If the JSON is not such a forest, naming the field.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { IsolationForest } from "lib/detect/isolation_forest.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows([[1], [2], [3], [4], [100]]);
   * const forest = IsolationForest.fit(x);
   * const text = JSON.stringify(forest);
   * const loaded = IsolationForest.fromJSON(JSON.parse(text));
   * assert.deepEqual(loaded.score(x), forest.score(x));
   * ```
   */
  static fromJSON(json: unknown): IsolationForest {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    checkChecksums(object, CHECKED_FIELDS);
    const featureCount = readNumber(object, "featureCount", {
      minimum: 1,
      maximum: INT32_MAXIMUM,
      integer: true,
    });
    const subsampleSize = readNumber(object, "subsampleSize", {
      minimum: 2,
      maximum: INT32_MAXIMUM,
      integer: true,
    });
    const trees = decodeTrees(object, featureCount, subsampleSize);
    return new IsolationForest(trees, featureCount, subsampleSize);
  }

  get #scale(): number {
    return this.treeCount * averagePathLength(this.subsampleSize);
  }

  #lazyEngine(): ForestEngine | null {
    this.#engine ??= ForestEngine.of(this.#trees, this.featureCount) ?? null;
    return this.#engine;
  }
}
