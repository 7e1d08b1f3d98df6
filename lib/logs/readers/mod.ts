/**
 * Readers of logs: one file a format, all with the same options, the same rules
 * for cells and the same report.
 *
 * @module
 */

export { parseAccessLog, type ReadAccessLogOptions } from "./access_log.ts";
export { parseInput, readInput } from "./any_input.ts";
export {
  parseEventLog,
  readEventLog,
  type ReadEventLogOptions,
} from "./apache_error.ts";
export {
  NoRequestsError,
  type ReadChunksOptions,
  readMeasuredChunks,
  readRequestChunks,
  type RequestChunk,
} from "./chunks.ts";
export type { ColumnNames } from "./csv_header.ts";
export {
  findFormat,
  HEAD_BYTES,
  INPUT_FORMATS,
  type InputFormat,
} from "./formats.ts";
export { type ListedIncident, parseIncidents } from "./incidents_csv.ts";
export { type ReadOptions, STANDARD_INPUT } from "./input.ts";
export {
  detectInputKind,
  type FormatName,
  type InputColumns,
  type InputKind,
  type ReadInputOptions,
  type ReadInputResult,
} from "./input_kind.ts";
export {
  compileLogFormat,
  type LogField,
  type LogFields,
  type LogFormat,
  type LogPiece,
  matchLogLine,
} from "./log_format.ts";
export {
  type MeasureOptions,
  measureRequestLog,
  progressOf,
  type ReadingProgress,
} from "./measure.ts";
export { parseNdjson } from "./ndjson.ts";
export { parseOpenstackLog } from "./openstack.ts";
export { parseParquet } from "./parquet.ts";
export { readParquetFolder } from "./parquet_folder.ts";
export {
  describeReport,
  type ReadReport,
  type Rejection,
  type RejectionExample,
} from "./report.ts";
export { parseRequestLog, readRequestLog } from "./request_csv.ts";
export {
  type ReadRequestLogOptions,
  type ReadResult,
  REQUEST_COLUMNS,
  type RequestColumn,
  type RequestLogOptions,
} from "./request_rows.ts";
export type { ResponseTimeUnit } from "./rules.ts";
export {
  parseObservations,
  readObservations,
  type ReadObservationsOptions,
} from "./series_csv.ts";
export {
  type ReadObservationsResult,
  SERIES_COLUMNS,
  type SeriesColumn,
} from "./series_rows.ts";
