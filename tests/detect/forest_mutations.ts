/**
 * A small forest for the tests that damage its file.
 *
 * @module
 */

import { IsolationForest } from "lib/detect/isolation_forest.ts";
import { withChecksums } from "lib/numeric/field_checksums.ts";
import { type Matrix, matrixFromRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import type { Json, MutationSubject } from "./model_mutations.ts";

/**
 * Files damaged by accident: each must be rejected or score as the sound one.
 *
 * @returns What to check.
 */
export function mutationSubject(): MutationSubject {
  const rows = randomRows();
  const forest = IsolationForest.fit(rows, { treeCount: 5, subsampleSize: 16 });
  return {
    text: JSON.stringify(forest),
    load: (json) => IsolationForest.fromJSON(json),
    rows,
    exact: true,
  };
}

/**
 * Files changed with intent, their checksums made to fit: each must be rejected
 * or score.
 *
 * @returns What to check.
 */
export function forgerySubject(): MutationSubject {
  return { ...mutationSubject(), exact: false, repair: withNewChecksums };
}

function withNewChecksums(json: Json): Json {
  const { checksums, ...fields } = json;
  return checksums === undefined ? json : withChecksums(fields);
}

function randomRows(): Matrix {
  const random = new Random(8);
  return matrixFromRows(
    Array.from({ length: 40 }, () => [random.normal(), random.uniform(), 3]),
  );
}
