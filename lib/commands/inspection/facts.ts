/**
 * What `latency inspect` tells of an input, as plain JSON. Times are ISO 8601
 * in UTC, lengths and response times milliseconds, shares 0 to 1.
 *
 * @module
 */

import type { Rejection } from "../../logs/readers/mod.ts";
import type {
  EventLog,
  Observations,
  RequestLog,
} from "../../logs/request_log.ts";

/** Anything that can be read. */
export type InspectedInput =
  | { readonly kind: "requests"; readonly log: RequestLog }
  | { readonly kind: "series"; readonly observations: Observations }
  | { readonly kind: "events"; readonly log: EventLog };

/** How often something occurs. */
export type Occurrence = {
  /** Its name, as it stands in the input. */
  readonly name: string;
  /** How often. */
  readonly count: number;
  /** Its share of all rows, 0 to 1. */
  readonly share: number;
};

/** Quantiles of a column, type 7. */
export type Quantiles = Readonly<
  Record<"min" | "p50" | "p90" | "p95" | "p99" | "max", number>
>;

/** One endpoint of a request log. */
export type EndpointFacts = Occurrence & {
  /** Median response time, milliseconds; absent where there are none. */
  readonly p50?: number;
  /** 0.95-quantile of the response time, milliseconds. */
  readonly p95?: number;
};

/** What a request log holds. */
export type RequestFacts = {
  /** Mean over the span. */
  readonly requestsPerMinute: number;
  /** The bucket in which metrics are made unless another is asked for. */
  readonly defaultBucketMs: number;
  /** Methods, most frequent first. */
  readonly methods: readonly Occurrence[];
  /** Status codes, most frequent first. */
  readonly statuses: readonly Occurrence[];
  /** Response times in milliseconds; absent where there are none. */
  readonly responseTimeMs?: Quantiles;
  /** Sizes in bytes. */
  readonly sizeBytes: Quantiles;
  /** The greatest relative error of quantiles but the least and the greatest
   * value, which are exact; absent where all are, as the log was read whole. */
  readonly quantileRelativeError?: number;
  /** Endpoints. */
  readonly endpoints: {
    /** How many differ. */
    readonly different: number;
    /** How many paths of the input became templates such as `/users/:id`. */
    readonly templated: number;
    /** How many paths of the input were pooled as `(other)`. */
    readonly pooled: number;
    /** Present where more paths than these were renamed, and not counted. */
    readonly areMore?: true;
    /** The most frequent ones. */
    readonly top: readonly EndpointFacts[];
  };
};

/** What a series holds. */
export type SeriesFacts = {
  /** The median step between values; absent where all times are equal. */
  readonly stepMs?: number;
  /** Stretches of more than one and a half steps without a value. */
  readonly gapCount: number;
  /** The values. */
  readonly value: Quantiles;
};

/** What a log of events holds. */
export type EventFacts = {
  /** Levels, most frequent first. */
  readonly levels: readonly Occurrence[];
  /** The most frequent messages. */
  readonly messages: readonly Occurrence[];
};

/** A stretch of time without a row. */
export type Gap = {
  /** Time of the row before it. */
  readonly start: string;
  /** Time of the row after it. */
  readonly end: string;
  /** Its length. */
  readonly lengthMs: number;
};

/** The hours of the day with the least traffic. */
export type QuietHours = {
  /** The first hour, UTC, 0 to 23. */
  readonly startHour: number;
  /** The hour in which they end, UTC, 0 to 23. */
  readonly endHour: number;
  /** Their rate of rows as a share of the mean. */
  readonly shareOfMean: number;
  /** The offset from UTC in hours if people slept from 02 to 05. */
  readonly guessedOffsetHours: number;
};

/** All that is told of an input. */
export type Inspection = {
  /** The input's name. */
  readonly file: string;
  /** The format that it was read as; absent where the reader does not say. */
  readonly format?: string;
  /** What it holds. */
  readonly kind: InspectedInput["kind"];
  /** What became of its rows. */
  readonly rows: {
    /** Rows in the log. */
    readonly read: number;
    /** Bad rows. */
    readonly rejected: number;
    /** Rows that are well but of another kind. */
    readonly ignored: number;
    /** Rows dropped since they equal another. */
    readonly duplicatesDropped: number;
    /** Rows that had to be sorted. */
    readonly outOfOrder: number;
  };
  /** Why rows were rejected, with examples. */
  readonly rejections: readonly Rejection[];
  /** Why rows were ignored, with examples. */
  readonly ignored: readonly Rejection[];
  /** What the reader had to assume. */
  readonly notes: readonly string[];
  /** First and last time. */
  readonly span: Gap;
  /** The zone of times that name none. */
  readonly timeZone: string;
  /** Absent where there is no trough, or less than two days. */
  readonly quietHours?: QuietHours;
  /** The longest stretches without a row, longest first. */
  readonly longestGaps: readonly Gap[];
  /** Present for a request log. */
  readonly requests?: RequestFacts;
  /** Present for a series. */
  readonly series?: SeriesFacts;
  /** Present for a log of events. */
  readonly events?: EventFacts;
  /** What may be wrong, in words. */
  readonly warnings: readonly string[];
  /** The command to go on with; absent for events. */
  readonly next?: string;
};
