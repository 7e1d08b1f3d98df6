/**
 * What notebooks show: figures, tables, progress.
 *
 * @module
 */

export * from "./plots.ts";
export * from "./progress.ts";
export * from "./results.ts";
export * from "./tables.ts";
