/**
 * The types of Polars that our functions take, as the package makes them.
 *
 * @module
 */

/** The package as it is imported. */
export type Polars = (typeof import("nodejs-polars"))["default"];

/** A frame, whatever its columns. */
export type PolarsFrame = ReturnType<Polars["DataFrame"]>;

/** A column of a frame. */
export type PolarsColumn = ReturnType<PolarsFrame["getColumn"]>;
