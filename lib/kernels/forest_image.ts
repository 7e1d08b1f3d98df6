/**
 * Isolation trees laid out as the WebAssembly kernel walks them: in heap order,
 * with the rank of each threshold among those of its feature in its place.
 *
 * @module
 */

/** Trees in arrays: see `IsolationTrees` in `lib/detect/isolation_tree.ts`. */
export type Trees = {
  readonly roots: Int32Array;
  readonly features: Int32Array;
  readonly values: Float64Array;
  readonly children: Int32Array;
};

/** What the kernel needs, ready to be copied into its memory. */
export type ForestImage = {
  /** The bytes that go to the start of the memory. */
  readonly bytes: ArrayBuffer;
  /** The memory needed, with a block of rows. */
  readonly pages: number;
  /** The number of features. */
  readonly cols: number;
  /** Whether the trees are laid out for tables of few columns. */
  readonly isNarrow: boolean;
  /** Rows in a block, a multiple of 16. */
  readonly blockRows: number;
  /** Where a block's values, ranks, sums, and one column of ranks lie, bytes. */
  readonly addresses: {
    values: number;
    ranks: number;
    sums: number;
    column: number;
  };
  /** Trees that share tables of thresholds. */
  readonly groups: readonly ForestGroup[];
};

/** Consecutive trees with no more thresholds a feature than ranks can tell. */
export type ForestGroup = {
  /** The address of the trees, in bytes. */
  readonly trees: number;
  /** How many. */
  readonly treeCount: number;
  /** The depth of the deepest. */
  readonly depth: number;
  /** For each feature the address of its thresholds, and log2 of the room. */
  readonly tables: readonly { address: number; steps: number }[];
};

const PAGE_BYTES = 65_536;
const LEAF = -1;
/** Ranks are signed, 16 bits wide, and the kernel compares them for "greater". */
const MAXIMUM_RANK = 32_767;
/** The levels that the kernel always walks. */
const MINIMUM_DEPTH = 4;
/** Tables of few columns: 2 gain a third by it, 6 a tenth. */
const NARROW_COLS = 6;
const NARROW_DEPTH = 8;
const NARROW_TABLE_BYTES = 2 ** NARROW_DEPTH;
const NARROW_TREE_BYTES = 11 * NARROW_TABLE_BYTES;
/** Deeper trees would have too many empty places in heap order. */
const MAXIMUM_DEPTH = 12;
/** A block's ranks stay in the first-level cache beside a tree. */
const BLOCK_VALUES = 8192;
const MAXIMUM_BLOCK_ROWS = 1024;

/**
 * Lays trees out for the kernel.
 *
 * @param trees The trees, grown on `cols` features.
 * @param cols The number of features.
 * @returns The image; nothing where the trees are deeper than it is good for.
 */
export function layOutForest(
  trees: Trees,
  cols: number,
): ForestImage | undefined {
  const depths = Array.from(trees.roots, (root) => depthOf(trees, root));
  const deepest = Math.max(MINIMUM_DEPTH, ...depths);
  if (deepest > MAXIMUM_DEPTH) return undefined;
  const isNarrow = cols <= NARROW_COLS && deepest <= NARROW_DEPTH;
  const depth = isNarrow ? NARROW_DEPTH : deepest;
  const blockRows = 16 * Math.max(
    1,
    Math.min(MAXIMUM_BLOCK_ROWS, Math.floor(BLOCK_VALUES / cols)) >> 4,
  );
  const treeBytes = isNarrow ? NARROW_TREE_BYTES : 16 << depth;
  const plans = splitIntoGroups(trees).map(([first, end]) => ({
    first,
    end,
    tables: thresholdTables(trees, first, end, cols),
  }));
  let size = 0;
  const groups = plans.map(({ first, end, tables }) => {
    const address = size;
    size += (end - first) * treeBytes;
    return {
      trees: address,
      treeCount: end - first,
      depth,
      tables: tables.map((table) => {
        const start = size;
        size += table.length * 8;
        return { address: start, steps: Math.log2(table.length + 1) };
      }),
    };
  });
  const bytes = new ArrayBuffer(size);
  groups.forEach((group, g) => {
    const { first, tables } = plans[g];
    for (let t = 0; t < group.treeCount; t++) {
      const view = new DataView(bytes, group.trees + t * treeBytes);
      const writer = isNarrow
        ? narrowWriter(view)
        : wideWriter(view, 2 * blockRows);
      const put = { writer, depth, tables };
      putNode(trees, trees.roots[first + t], { place: 1, level: 0 }, put);
    }
    tables.forEach((table, j) =>
      new Float64Array(bytes, group.tables[j].address).set(table)
    );
  });
  const values = size;
  const ranks = values + blockRows * cols * 8;
  const sums = ranks + blockRows * cols * 2;
  const column = sums + blockRows * 8;
  const pages = Math.ceil((column + blockRows * 2) / PAGE_BYTES);
  const addresses = { values, ranks, sums, column };
  return { bytes, pages, cols, isNarrow, blockRows, addresses, groups };
}

function depthOf({ features, children }: Trees, node: number): number {
  if (features[node] === LEAF) return 0;
  const left = children[node];
  const trees = { features, children } as Trees;
  return 1 + Math.max(depthOf(trees, left), depthOf(trees, left + 1));
}

/** First tree and the one after the last of each group. */
function splitIntoGroups({ roots, features }: Trees): [number, number][] {
  const groups: [number, number][] = [];
  let first = 0;
  let splits = 0;
  for (let t = 0; t < roots.length; t++) {
    const end = roots[t + 1] ?? features.length;
    const own = (end - roots[t]) >> 1;
    if (splits + own > MAXIMUM_RANK) {
      groups.push([first, t]);
      first = t;
      splits = 0;
    }
    splits += own;
  }
  return [...groups, [first, roots.length]];
}

/** For each feature its different thresholds in ascending order, filled up
 * with infinity to one less than a power of two. */
function thresholdTables(
  { roots, features, values }: Trees,
  first: number,
  end: number,
  cols: number,
): Float64Array[] {
  const counts = new Uint32Array(cols);
  const start = roots[first];
  const stop = roots[end] ?? features.length;
  for (let node = start; node < stop; node++) {
    if (features[node] !== LEAF) counts[features[node]]++;
  }
  const all = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (let node = start; node < stop; node++) {
    const feature = features[node];
    if (feature !== LEAF) all[feature][counts[feature]++] = values[node];
  }
  return all.map((thresholds) => {
    const different = thresholds.sort().filter((value, k) =>
      k === 0 || value !== thresholds[k - 1]
    );
    const room = 2 ** Math.ceil(Math.log2(different.length + 1)) - 1;
    const table = new Float64Array(room).fill(Infinity);
    table.set(different);
    return table;
  });
}

/** Writes the nodes of a tree by their place in heap order. */
type TreeWriter = {
  split(place: number, feature: number, rank: number): void;
  leaf(place: number, pathLength: number): void;
};

/** See `assembly/forest.as`. */
function wideWriter(view: DataView, columnBytes: number): TreeWriter {
  return {
    split(place, feature, rank) {
      view.setUint32(8 * place, feature * columnBytes, true);
      view.setInt16(8 * place + 4, rank, true);
    },
    leaf: (place, length) => view.setFloat64(8 * place, length, true),
  };
}

/** See `assembly/narrow_trees.as`. */
function narrowWriter(view: DataView): TreeWriter {
  const leaves = 3 * NARROW_TABLE_BYTES;
  return {
    split(place, feature, rank) {
      view.setUint8(place, feature);
      view.setUint8(NARROW_TABLE_BYTES + place, rank >> 8);
      view.setUint8(2 * NARROW_TABLE_BYTES + place, (rank & 255) ^ 128);
    },
    leaf(place, length) {
      const number = place - NARROW_TABLE_BYTES;
      view.setFloat64(leaves + 8 * number, length, true);
    },
  };
}

type Put = {
  writer: TreeWriter;
  depth: number;
  tables: readonly Float64Array[];
};

/** Writes a node and all below; a leaf above the lowest level is repeated in
 * every place below it, so that no walk ends early. */
function putNode(
  trees: Trees,
  node: number,
  { place, level }: { place: number; level: number },
  put: Put,
): void {
  const { features, values, children } = trees;
  const { writer, depth, tables } = put;
  if (level === depth) return writer.leaf(place, values[node]);
  const feature = features[node];
  const isLeaf = feature === LEAF;
  const rank = isLeaf ? MAXIMUM_RANK : rankOf(tables[feature], values[node]);
  writer.split(place, isLeaf ? 0 : feature, rank);
  for (const side of [0, 1]) {
    const below = { place: 2 * place + side, level: level + 1 };
    putNode(trees, isLeaf ? node : children[node] + side, below, put);
  }
}

/** How many thresholds of a table lie below a value. */
function rankOf(table: Float64Array, value: number): number {
  let rank = 0;
  for (let step = (table.length + 1) >> 1; step > 0; step >>= 1) {
    if (table[rank + step - 1] < value) rank += step;
  }
  return rank;
}
