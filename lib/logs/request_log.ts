/**
 * What a log is once it is read: plain columns, sorted by time, without
 * missing values. Times are milliseconds since 1970 UTC, response times are
 * milliseconds, sizes are bytes.
 *
 * @module
 */

/** A column of few different texts: `names[codes[i]]` is the text of row i. */
export type Categories = {
  /** Index into `names`, shape `(n)`. */
  readonly codes: Uint32Array;
  /** The different texts, in order of first appearance. */
  readonly names: readonly string[];
};

/** A log of requests by column, n rows sorted by time. */
export type RequestLog = {
  /** Arrival of the request, milliseconds since 1970 UTC, ascending. */
  readonly timestampMs: Float64Array;
  /** The HTTP method. */
  readonly method: Categories;
  /** The path or route, as a template where the reader made it one. */
  readonly endpoint: Categories;
  /** The path as it stood in the input; absent where `endpoint` is the same. */
  readonly rawEndpoint?: Categories;
  /** The HTTP status code, 100 to 599. */
  readonly statusCode: Uint16Array;
  /** Size of the response body in bytes. */
  readonly sizeBytes: Float64Array;
  /** Time to answer in milliseconds; absent where the log has none. */
  readonly responseTimeMs?: Float64Array;
  /** The data row of the input, from 0, that each row came from. */
  readonly sourceRow: Uint32Array;
};

/** A server's log of events, n rows sorted by time. */
export type EventLog = {
  /** Time of the event, milliseconds since 1970 UTC, ascending. */
  readonly timestampMs: Float64Array;
  /** The level, such as `error` or `notice`. */
  readonly level: Categories;
  /** The message of each event. */
  readonly message: readonly string[];
  /** The line of the input, from 0, that each row came from. */
  readonly sourceRow: Uint32Array;
};

/** Timed values as they were read, n rows sorted by time, any spacing. */
export type Observations = {
  /** Time of the value, milliseconds since 1970 UTC, ascending. */
  readonly timestampMs: Float64Array;
  /** The value, in the unit of the input. */
  readonly value: Float64Array;
  /** The data row of the input, from 0, that each row came from. */
  readonly sourceRow: Uint32Array;
};

/** A value at a regular step; row i stands for `timestampMs[i]` onwards. */
export type MetricSeries = {
  /** Start of each step, milliseconds since 1970 UTC. */
  readonly timestampMs: Float64Array;
  /** The value; where nothing was observed, the last one observed. */
  readonly value: Float64Array;
  /** 1 where the value was observed, 0 where it was filled in. */
  readonly observed: Uint8Array;
  /** The step in milliseconds. */
  readonly stepMs: number;
};

/**
 * Codes a list of texts by their order of first appearance.
 *
 * @param texts The texts, shape `(n)`.
 * @returns The codes and the names they stand for.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { categoriesOf } from "lib/logs/request_log.ts";
 *
 * assert.deepEqual([...categoriesOf(["b", "a", "b"]).codes], [0, 1, 0]);
 * ```
 */
export function categoriesOf(texts: readonly string[]): Categories {
  const codeOf = new Map<string, number>();
  const codes = new Uint32Array(texts.length);
  texts.forEach((text, i) => {
    const code = codeOf.get(text) ?? codeOf.size;
    if (code === codeOf.size) codeOf.set(text, code);
    codes[i] = code;
  });
  return { codes, names: [...codeOf.keys()] };
}

/**
 * Copies chosen rows of a request log, in the order of the indices.
 *
 * @param log The log, n rows.
 * @param indices Row numbers from 0 to n - 1; ascending keeps the time order.
 * @returns A log of `indices.length` rows with the same category names.
 */
export function selectRequests(
  log: RequestLog,
  indices: ArrayLike<number>,
): RequestLog {
  const rows = Uint32Array.from(indices);
  const take = <T extends Float64Array | Uint16Array | Uint32Array>(
    column: T,
  ): T => {
    const taken = new (column.constructor as new (length: number) => T)(
      rows.length,
    );
    for (let i = 0; i < rows.length; i++) taken[i] = column[rows[i]];
    return taken;
  };
  const takeCategories = ({ codes, names }: Categories): Categories => ({
    codes: take(codes),
    names,
  });
  const { rawEndpoint, responseTimeMs } = log;
  return {
    timestampMs: take(log.timestampMs),
    method: takeCategories(log.method),
    endpoint: takeCategories(log.endpoint),
    ...(rawEndpoint ? { rawEndpoint: takeCategories(rawEndpoint) } : {}),
    statusCode: take(log.statusCode),
    sizeBytes: take(log.sizeBytes),
    ...(responseTimeMs ? { responseTimeMs: take(responseTimeMs) } : {}),
    sourceRow: take(log.sourceRow),
  };
}

/**
 * Puts the rows of one log behind those of another.
 *
 * @param first The log whose rows come first, n rows.
 * @param second The log whose rows follow, m rows.
 * @returns A log of n + m rows, not sorted anew, without raw endpoints.
 * @throws {TypeError} If only one of them has response times.
 */
export function concatRequests(
  first: RequestLog,
  second: RequestLog,
): RequestLog {
  const { responseTimeMs } = first;
  if (
    (responseTimeMs === undefined) !== (second.responseTimeMs === undefined)
  ) {
    throw new TypeError(
      "Cannot join logs: only one has response times, expected both or none",
    );
  }
  return {
    timestampMs: joined(first.timestampMs, second.timestampMs),
    method: joinedCategories(first.method, second.method),
    endpoint: joinedCategories(first.endpoint, second.endpoint),
    statusCode: joined(first.statusCode, second.statusCode),
    sizeBytes: joined(first.sizeBytes, second.sizeBytes),
    ...(responseTimeMs && second.responseTimeMs
      ? { responseTimeMs: joined(responseTimeMs, second.responseTimeMs) }
      : {}),
    sourceRow: joined(first.sourceRow, second.sourceRow),
  };
}

function joined<T extends Float64Array | Uint16Array | Uint32Array>(
  first: T,
  second: T,
): T {
  const all = new (first.constructor as new (length: number) => T)(
    first.length + second.length,
  );
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Codes of the second list in terms of the names of both. */
function joinedCategories(first: Categories, second: Categories): Categories {
  const names = [...first.names];
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const newCodeOf = second.names.map((name) => {
    const code = codeOf.get(name) ?? names.push(name) - 1;
    codeOf.set(name, code);
    return code;
  });
  const renamed = second.codes.map((code) => newCodeOf[code]);
  return { codes: joined(first.codes, renamed), names };
}

/**
 * The response times of a log that must have them.
 *
 * @param log The log.
 * @param action What is being done, for the message.
 * @returns Response times in milliseconds, shape `(n)`.
 * @throws {TypeError} If the log has none.
 */
export function responseTimesOf(
  log: RequestLog,
  action: string,
): Float64Array {
  if (log.responseTimeMs) return log.responseTimeMs;
  throw new TypeError(
    `Cannot ${action}: the log has no response times, expected responseTimeMs`,
  );
}
