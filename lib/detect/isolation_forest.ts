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
import {
  averagePathLength,
  growTree,
  type IsolationTrees,
  joinTrees,
  LEAF,
  sumPathLengths,
} from "./isolation_tree.ts";
import { checkNumber, checkSeed } from "../numeric/checks.ts";
import {
  type JsonObject,
  readNumber,
  readObject,
  readText,
} from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "../numeric/matrix.ts";
import { Random } from "../numeric/random.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";

export { averagePathLength } from "./isolation_tree.ts";

const KIND = "isolation_forest";
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
    const scale = this.treeCount * averagePathLength(this.subsampleSize);
    return sumPathLengths(this.#trees, x).map((sum) => 2 ** (-sum / scale));
  }

  /**
   * Gives the forest for a model file.
   *
   * @returns JSON from which the forest loads with equal scores.
   */
  toJSON(): ModelJson {
    const { roots, features, values, children } = this.#trees;
    return {
      kind: this.kind,
      featureCount: this.featureCount,
      subsampleSize: this.subsampleSize,
      treeCount: this.treeCount,
      roots: encodeArray(roots),
      features: encodeArray(features),
      values: encodeArray(values),
      children: encodeArray(children),
    };
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
    const trees = readTrees(object, featureCount, subsampleSize);
    return new IsolationForest(trees, featureCount, subsampleSize);
  }
}

function readTrees(
  object: JsonObject,
  featureCount: number,
  subsampleSize: number,
): IsolationTrees {
  const treeCount = readNumber(object, "treeCount", {
    minimum: 1,
    maximum: INT32_MAXIMUM,
    integer: true,
  });
  const roots = decodeArray(object.roots, "int32", "roots", treeCount);
  const features = decodeArray(object.features, "int32", "features");
  const nodeCount = features.length;
  const values = decodeArray(object.values, "float64", "values", nodeCount);
  const children = decodeArray(object.children, "int32", "children", nodeCount);
  const trees = { roots, features, values, children };
  checkRoots(roots, nodeCount);
  for (let t = 0; t < treeCount; t++) {
    const end = t + 1 < treeCount ? roots[t + 1] : nodeCount;
    // A tree of that many rows has no more nodes; a longer chain is no tree.
    if (!(end - roots[t] < 2 * subsampleSize)) {
      throw new SyntaxError(
        `Cannot load model: tree ${t} has ${
          end - roots[t]
        } nodes, expected at most ${2 * subsampleSize - 1}`,
      );
    }
    for (let node = roots[t]; node < end; node++) {
      checkNode(trees, node, end, { featureCount, subsampleSize });
    }
  }
  return trees;
}

function checkRoots(roots: Int32Array, nodeCount: number): void {
  const bad = roots.findIndex((root, t) =>
    t === 0 ? root !== 0 : !(root > roots[t - 1])
  );
  if (bad >= 0 || !(roots[roots.length - 1] < nodeCount)) {
    throw new SyntaxError(
      `Cannot load model: roots do not ascend from 0 to below ${nodeCount}, the number of nodes`,
    );
  }
}

/** Children after their parent and within the tree leave no way to loop. */
function checkNode(
  trees: IsolationTrees,
  node: number,
  end: number,
  limits: { featureCount: number; subsampleSize: number },
): void {
  const feature = trees.features[node];
  const child = trees.children[node];
  const isLeaf = feature === LEAF;
  if (!(feature >= LEAF && feature < limits.featureCount)) {
    throw new SyntaxError(
      `Cannot load model: features[${node}] is ${feature}, expected ${LEAF} to ${
        limits.featureCount - 1
      }`,
    );
  }
  if (isLeaf ? child !== 0 : !(child > node && child + 1 < end)) {
    throw new SyntaxError(
      `Cannot load model: children[${node}] is ${child}, expected ${
        isLeaf ? "0 for a leaf" : `${node + 1} to ${end - 2}`
      }`,
    );
  }
  const pathLength = trees.values[node];
  if (isLeaf && !(pathLength >= 0 && pathLength < limits.subsampleSize)) {
    throw new SyntaxError(
      `Cannot load model: values[${node}] is ${pathLength}, expected a path length from 0 to below ${limits.subsampleSize}`,
    );
  }
}
