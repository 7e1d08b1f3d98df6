/**
 * Readers of logs: one file a format, all with the same options, the same rules
 * for cells and the same report.
 *
 * @module
 */

export {
  detectInputKind,
  type InputColumns,
  type InputKind,
  parseInput,
  readInput,
  type ReadInputOptions,
  type ReadInputResult,
} from "./any_input.ts";
export {
  parseEventLog,
  readEventLog,
  type ReadEventLogOptions,
} from "./apache_error.ts";
export type { ColumnNames } from "./csv_header.ts";
export type { ReadOptions } from "./input.ts";
export {
  describeReport,
  type ReadReport,
  type Rejection,
  type RejectionExample,
} from "./report.ts";
export {
  parseRequestLog,
  readRequestLog,
  type ReadRequestLogOptions,
  type ReadResult,
  REQUEST_COLUMNS,
  type RequestColumn,
} from "./request_csv.ts";
export type { ResponseTimeUnit } from "./rules.ts";
export {
  parseObservations,
  readObservations,
  type ReadObservationsOptions,
  type ReadObservationsResult,
  SERIES_COLUMNS,
  type SeriesColumn,
} from "./series_csv.ts";
export { type ListedIncident, parseIncidents } from "./incidents_csv.ts";
