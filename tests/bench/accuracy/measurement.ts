/**
 * What a measurement of accuracy is: it has a name, runs alone, and leaves
 * tables. Speed is measured elsewhere, by `benchmark.ts`.
 *
 * @module
 */

import type { TableRow } from "../../../lib/show/tables.ts";

/** A measurement by its name. */
export type AccuracyMeasurement = {
  /** The name by which it is asked for. */
  readonly name: string;
  /** What is measured, a sentence. */
  readonly title: string;
  /**
   * Measures.
   *
   * @param options The public data and progress.
   * @returns Its tables.
   */
  readonly run: (options: AccuracyOptions) => Promise<AccuracyTables>;
};

/** Options of a run. */
export type AccuracyOptions = {
  /** The folder of the public data. */
  readonly data: string;
  /** Shows one line of progress. */
  readonly report: (line: string) => void;
};

/** What a measurement leaves. */
export type AccuracyTables = {
  /** The table for the README. */
  readonly rows: readonly TableRow[];
  /** What is behind it, such as one row a series.
   * @default {undefined} */
  readonly details?: readonly TableRow[];
};
