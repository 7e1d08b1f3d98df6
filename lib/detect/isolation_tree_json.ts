/**
 * Isolation trees in a model file. The nodes stand in preorder (a node, all to
 * its left, all to its right), so that the file holds no pointers that could go
 * wrong or in a circle: `features` has for each node 0 for a leaf, else one more
 * than the feature split, `thresholds` one value a split and `leafSizes` the
 * rows in each leaf, from which all path lengths follow. About 10 bytes a split.
 *
 * @module
 */

import {
  averagePathLength,
  heightLimit,
  type IsolationTrees,
  LEAF,
} from "./isolation_tree.ts";
import { type JsonObject, readNumber } from "../numeric/json_fields.ts";
import {
  decodeArray,
  decodeIntegers,
  encodeArray,
  type EncodedArray,
  encodeIntegers,
} from "../numeric/typed_array_json.ts";

const INT32_MAXIMUM = 2 ** 31 - 1;

/** The fields of {@linkcode TreesJson}. */
export const TREE_FIELDS: readonly (keyof TreesJson)[] = [
  "treeCount",
  "features",
  "thresholds",
  "leafSizes",
];

/** Trees as they stand in a model file. */
export type TreesJson = {
  /** The number of trees, one after the other. */
  treeCount: number;
  /** 0 for a leaf, else the feature and 1; in preorder. */
  features: EncodedArray;
  /** Where the nodes split that do, in preorder. */
  thresholds: EncodedArray;
  /** Rows in the leaves, in preorder. */
  leafSizes: EncodedArray;
};

/**
 * Gives trees for a model file.
 *
 * @param trees The trees.
 * @returns Their JSON form.
 */
export function encodeTrees(trees: IsolationTrees): TreesJson {
  const nodeCount = trees.features.length;
  const leafCount = (nodeCount + trees.roots.length) / 2;
  const features = new Int32Array(nodeCount);
  const thresholds = new Float64Array(nodeCount - leafCount);
  const leafSizes = new Int32Array(leafCount);
  let [nodes, splits, leaves] = [0, 0, 0];

  function write(node: number): void {
    const feature = trees.features[node];
    features[nodes++] = feature + 1;
    if (feature === LEAF) {
      leafSizes[leaves++] = trees.counts[node];
      return;
    }
    thresholds[splits++] = trees.values[node];
    write(trees.children[node]);
    write(trees.children[node] + 1);
  }

  trees.roots.forEach(write);
  return {
    treeCount: trees.roots.length,
    features: encodeIntegers(features),
    thresholds: encodeArray(thresholds),
    leafSizes: encodeIntegers(leafSizes),
  };
}

/**
 * Reads trees, checking all: that there are as many as said, that each ends
 * where it should, and that its leaves hold the rows of its subsample.
 *
 * @param object The object read from.
 * @param featureCount The number of features.
 * @param subsampleSize Rows in each tree.
 * @returns The trees, their nodes in the order in which they were grown.
 * @throws {SyntaxError} If a field is not as demanded, naming it.
 */
export function decodeTrees(
  object: JsonObject,
  featureCount: number,
  subsampleSize: number,
): IsolationTrees {
  const treeCount = readNumber(object, "treeCount", {
    minimum: 1,
    maximum: INT32_MAXIMUM,
    integer: true,
  });
  const features = decodeIntegers(object.features, "features");
  const nodeCount = features.length;
  checkRange(features, "features", [0, featureCount], "featureCount");
  const leafCount = features.filter((feature) => feature === 0).length;
  checkCount(leafCount - (nodeCount - leafCount), treeCount);
  const splitCount = nodeCount - leafCount;
  const thresholds = decodeArray(object.thresholds, "float64", "thresholds");
  checkLengthOf("thresholds", thresholds.length, splitCount);
  const leafSizes = decodeIntegers(object.leafSizes, "leafSizes");
  checkLengthOf("leafSizes", leafSizes.length, leafCount);
  checkRange(leafSizes, "leafSizes", [1, subsampleSize], "subsampleSize");
  const source = { features, thresholds, leafSizes };
  return readTrees(source, treeCount, subsampleSize);
}

/** Follows the preorder; as many leaves as splits and trees are there, so that
 * no tree can lack nodes unless another has too many. */
function readTrees(
  source: {
    features: Int32Array;
    thresholds: Float64Array;
    leafSizes: Int32Array;
  },
  treeCount: number,
  subsampleSize: number,
): IsolationTrees {
  const nodeCount = source.features.length;
  const roots = new Int32Array(treeCount);
  const features = new Int32Array(nodeCount);
  const values = new Float64Array(nodeCount);
  const children = new Int32Array(nodeCount);
  const counts = new Int32Array(nodeCount);
  const limit = heightLimit(subsampleSize);
  let [nodes, splits, leaves, used] = [0, 0, 0, 0];

  function read(node: number, depth: number): number {
    const feature = source.features[nodes++] - 1;
    features[node] = feature;
    if (feature === LEAF) {
      counts[node] = source.leafSizes[leaves++];
      values[node] = depth + averagePathLength(counts[node]);
      return counts[node];
    }
    // Also where the features have come to an end.
    if (!(depth < limit && feature >= 0)) {
      throw new SyntaxError(
        `Cannot load model: features, node ${
          nodes - 1
        } in preorder, splits at depth ${depth}, expected the end of treeCount ${treeCount} trees or depth < ${limit}, the height for subsampleSize ${subsampleSize}`,
      );
    }
    values[node] = source.thresholds[splits++];
    const left = used;
    used += 2;
    children[node] = left;
    const below = read(left, depth + 1);
    counts[node] = below + read(left + 1, depth + 1);
    return counts[node];
  }

  for (let t = 0; t < treeCount; t++) {
    roots[t] = used++;
    const rows = read(roots[t], 0);
    if (rows !== subsampleSize) {
      throw new SyntaxError(
        `Cannot load model: leafSizes of tree ${t}, as features and treeCount have it, add up to ${rows}, expected subsampleSize ${subsampleSize}`,
      );
    }
  }
  if (nodes !== nodeCount) {
    throw new SyntaxError(
      `Cannot load model: features hold ${nodeCount} nodes, expected ${nodes} in the ${treeCount} trees of treeCount`,
    );
  }
  return { roots, features, values, children, counts };
}

function checkRange(
  values: Int32Array,
  field: string,
  [minimum, maximum]: readonly [number, number],
  bound: string,
): void {
  const bad = values.findIndex((value) =>
    !(value >= minimum && value <= maximum)
  );
  if (bad < 0) return;
  throw new SyntaxError(
    `Cannot load model: ${field}[${bad}] is ${
      values[bad]
    }, expected ${minimum} to ${bound} ${maximum}`,
  );
}

function checkCount(found: number, treeCount: number): void {
  if (found === treeCount) return;
  throw new SyntaxError(
    `Cannot load model: features hold the leaves of ${found} trees, expected treeCount ${treeCount}`,
  );
}

function checkLengthOf(field: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new SyntaxError(
    `Cannot load model: ${field} has length ${found}, expected ${expected} as in features`,
  );
}
