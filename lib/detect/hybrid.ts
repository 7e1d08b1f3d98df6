/**
 * Several detectors of a series as one. Each member's score becomes the share
 * p of training rows that scored as high; the members' evidence is added up,
 * `-Σ log10 p`, as Fisher combines tests. Where p is no member's 1 in 10, the
 * sum stays small; one member that is certain, or several that are fairly sure,
 * make it large, and no unit or scale of a member counts more than another's.
 * Members are not independent, so the sum has no distribution of its own: its
 * threshold is taken from training rows.
 *
 * @see R. A. Fisher, Statistical Methods for Research Workers (1925), § 21.1;
 * H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek, Interpreting and Unifying
 * Outlier Scores (2011), on why scores are made comparable first.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import {
  readNumber,
  readObject,
  readText,
  readTexts,
} from "../numeric/json_fields.ts";
import type { Matrix } from "../numeric/matrix.ts";
import { firstNotBelow } from "../numeric/sorted_window.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import type { ModelJson, SeriesDetector } from "./detector.ts";

/** A detector that speaks in a hybrid, and what it is called. */
export type HybridMember = {
  /** What it is called in explanations. */
  readonly name: string;
  /** The fitted detector. */
  readonly detector: SeriesDetector;
};

/** Options for {@linkcode HybridDetector.fit}. */
export type HybridOptions = {
  /**
   * Rows on each side that a row shares its evidence with: it has the greatest
   * of them, as an incident is seldom over after one row. 0 where the score is
   * to be causal. @default {1}
   */
  spreadRows?: number;
};

const KIND = "hybrid";
const MOST_MEMBERS = 100;

/** A member with the scores that it gave training rows, ascending. */
type CalibratedMember = HybridMember & { readonly sorted: Float64Array };

/** Fitted detectors with comparable scores. */
export class HybridDetector implements SeriesDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** Whether all members are, and no evidence is shared with earlier rows. */
  readonly isCausal: boolean;
  /** The least number of rows that all members score. */
  readonly minimumRows: number;
  /** Names of the members, in the order of the columns of explanations. */
  readonly members: readonly string[];
  /** Rows on each side that a row shares its evidence with. */
  readonly spreadRows: number;
  readonly #members: readonly CalibratedMember[];

  private constructor(
    members: readonly CalibratedMember[],
    spreadRows: number,
  ) {
    this.#members = members;
    this.spreadRows = spreadRows;
    this.members = members.map(({ name }) => name);
    this.isCausal = spreadRows === 0 &&
      members.every(({ detector }) => detector.isCausal);
    this.minimumRows = Math.max(
      ...members.map(({ detector }) => detector.minimumRows),
    );
  }

  /**
   * Makes members' scores comparable.
   *
   * @param values Training values at a regular step, shape `(n)`.
   * @param members Detectors, fitted on these values or others.
   * @param options How far evidence reaches.
   * @returns The fitted hybrid.
   * @throws {RangeError} If there is no member, values are too few or not
   * finite, or an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { HybridDetector } from "lib/detect/hybrid.ts";
   * import { NearestValues } from "lib/detect/nearest_values.ts";
   *
   * const values = Float64Array.from({ length: 99 }, (_, i) => i * i % 97);
   * const detector = NearestValues.fit(values);
   * const member = { name: "value", detector };
   * const hybrid = HybridDetector.fit(values, [member], { spreadRows: 0 });
   * // Further than any of 99: a share of 1 in 99, and less, as 999 is far.
   * assert(hybrid.score(Float64Array.of(999))[0] > Math.log10(99));
   * ```
   */
  static fit(
    values: Float64Array,
    members: readonly HybridMember[],
    options: HybridOptions = {},
  ): HybridDetector {
    const { spreadRows = 1 } = options;
    const action = "fit HybridDetector";
    checkNumber(spreadRows, "spreadRows", action, {
      minimum: 0,
      integer: true,
    });
    checkNumber(members.length, "the number of members", action, {
      minimum: 1,
      maximum: MOST_MEMBERS,
    });
    const calibrated = members.map((member) => ({
      ...member,
      sorted: member.detector.score(values).sort(),
    }));
    return new HybridDetector(calibrated, spreadRows);
  }

  /**
   * Scores the rows of a series.
   *
   * @param values Values at a regular step, shape `(n)`.
   * @returns The evidence of each row, >= 0, shape `(n)`.
   * @throws {RangeError} If there are fewer than `minimumRows` values or one is
   * not finite.
   */
  score(values: Float64Array): Float64Array {
    return this.evidenceOf(this.explain(values));
  }

  /**
   * Adds up what {@linkcode HybridDetector.explain} tells, for those who want
   * both and have members score each row once.
   *
   * @param parts What each member says of each row, shape `(n, members)`.
   * @returns The evidence of each row, >= 0, shape `(n)`.
   */
  evidenceOf(parts: Matrix): Float64Array {
    const { data, rows, cols } = parts;
    const evidence = new Float64Array(rows);
    data.forEach((part, i) => evidence[Math.floor(i / cols)] += part);
    return greatestAround(evidence, this.spreadRows);
  }

  /**
   * Tells what each member says of each row.
   *
   * @param values Values at a regular step, shape `(n)`.
   * @returns `-log10 p` of each row by each member, before it is shared with
   * the rows around, shape `(n, members)`.
   * @throws {RangeError} As {@linkcode HybridDetector.score}.
   */
  explain(values: Float64Array): Matrix {
    const cols = this.#members.length;
    const data = new Float64Array(values.length * cols);
    this.#members.forEach(({ detector, sorted }, k) => {
      detector.score(values).forEach((score, row) => {
        data[row * cols + k] = -Math.log10(tailShare(sorted, score));
      });
    });
    return { data, rows: values.length, cols };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode HybridDetector.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    return {
      kind: this.kind,
      spreadRows: this.spreadRows,
      names: this.members,
      members: this.#members.map(({ detector, sorted }) => ({
        detector,
        scores: encodeArray(sorted),
      })),
    };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode HybridDetector.toJSON} gives.
   * @param load Loads one member's detector.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static async fromJSON(
    json: unknown,
    load: (json: unknown) => SeriesDetector | Promise<SeriesDetector>,
  ): Promise<HybridDetector> {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const spreadRows = readNumber(object, "spreadRows", {
      minimum: 0,
      maximum: MOST_MEMBERS,
      integer: true,
    });
    const names = readTexts(object, "names", MOST_MEMBERS);
    const { members } = object;
    const isList = Array.isArray(members) && members.length === names.length &&
      members.length >= 1;
    if (!isList) {
      throw new SyntaxError(
        `Cannot load model: members is no list of ${names.length} detectors, expected one for each of the names`,
      );
    }
    const loaded: CalibratedMember[] = [];
    for (const [k, name] of names.entries()) {
      const member = readObject(members[k], `members.${k}`);
      const sorted = decodeArray(member.scores, "float64", "scores");
      checkSorted(sorted);
      loaded.push({ name, sorted, detector: await load(member.detector) });
    }
    return new HybridDetector(loaded, spreadRows);
  }
}

/** The share of training scores that are as high; beyond the highest it falls
 * as 1 / score. */
function tailShare(sorted: Float64Array, score: number): number {
  const n = sorted.length;
  const most = sorted[n - 1];
  if (score > most) {
    return most > 0 ? Math.max(most / score, Number.MIN_VALUE * n) / n : 1 / n;
  }
  return (n - firstNotBelow(sorted, score)) / n;
}

function greatestAround(values: Float64Array, reach: number): Float64Array {
  return values.map((_, row) => {
    let most = values[row];
    const end = Math.min(row + reach, values.length - 1);
    for (let i = Math.max(row - reach, 0); i <= end; i++) {
      if (values[i] > most) most = values[i];
    }
    return most;
  });
}

function checkSorted(scores: Float64Array): void {
  const isSorted = scores.length >= 1 &&
    scores.every((value, i) =>
      Number.isFinite(value) && (i === 0 || value >= scores[i - 1])
    );
  if (isSorted) return;
  throw new SyntaxError(
    "Cannot load model: scores are not ascending, expected sorted finite scores",
  );
}
