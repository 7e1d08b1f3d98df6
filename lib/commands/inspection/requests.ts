/**
 * Gathers what is told of a request log alone, part by part, in memory that
 * does not grow with the number of requests.
 *
 * @module
 */

import { BucketCounts } from "../../logs/bucket_counts.ts";
import { OTHER_ENDPOINTS } from "../../logs/endpoints.ts";
import type { Categories, RequestLog } from "../../logs/request_log.ts";
import type { EndpointFacts, Occurrence, RequestFacts } from "./facts.ts";
import {
  BinnedDistribution,
  type Distribution,
  ExactDistribution,
  RELATIVE_ERROR,
} from "./quantiles.ts";

const SHOWN_ENDPOINTS = 10;
const OTHER_METHODS = "(other)";
/** Far more than anyone uses; what comes beyond is counted as others. */
const MOST_METHODS = 1000;
/** In 60 MB; of a log with more such paths it is said that there are more. */
const MOST_RENAMED_PATHS = 1_000_000;

/** Requests that were added, and what is told of them. */
export class RequestSummary {
  readonly #isWhole: boolean;
  readonly #methods = new Map<string, number>();
  readonly #statuses = new Map<number, number>();
  readonly #endpoints = new Map<string, number>();
  readonly #renamed = new RenamedPaths();
  readonly #buckets = new BucketCounts();
  readonly #sizes: Distribution;
  readonly #times: Distribution;
  readonly #timesOf = new Map<string, Distribution>();
  #rows = 0;

  /**
   * Begins without requests.
   *
   * @param options Whether all requests come at once; only then are quantiles
   * exact.
   */
  constructor({ isWhole }: { isWhole: boolean }) {
    this.#isWhole = isWhole;
    this.#sizes = this.#distribution();
    this.#times = this.#distribution();
  }

  /**
   * Adds the requests of the next part.
   *
   * @param log The requests, sorted by time.
   */
  add(log: RequestLog): void {
    const { timestampMs, method, endpoint, rawEndpoint } = log;
    this.#rows += timestampMs.length;
    addCounts(this.#methods, method, MOST_METHODS);
    addCounts(this.#endpoints, endpoint, Infinity);
    for (const status of log.statusCode) {
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    }
    for (const size of log.sizeBytes) this.#sizes.add(size);
    if (log.responseTimeMs) this.#addTimes(log.responseTimeMs, endpoint);
    if (rawEndpoint) this.#renamed.add(rawEndpoint, endpoint);
    this.#buckets.add(timestampMs);
  }

  /**
   * What was found.
   *
   * @param spanMs The time from the first request to the last.
   * @returns The facts.
   */
  facts(spanMs: number): RequestFacts {
    const endpoints = occurrencesOf(this.#endpoints);
    const top = endpoints.slice(0, SHOWN_ENDPOINTS)
      .map((one): EndpointFacts => {
        const times = this.#timesOf.get(one.name)?.quantiles();
        return times ? { ...one, p50: times.p50, p95: times.p95 } : one;
      });
    return {
      requestsPerMinute: this.#rows / Math.max(spanMs / 60_000, 1),
      defaultBucketMs: this.#buckets.usualBucketMs(),
      methods: occurrencesOf(this.#methods),
      statuses: occurrencesOf(this.#statuses),
      ...(this.#times.count > 0
        ? { responseTimeMs: this.#times.quantiles() }
        : {}),
      sizeBytes: this.#sizes.quantiles(),
      ...(this.#isWhole ? {} : { quantileRelativeError: RELATIVE_ERROR }),
      endpoints: {
        different: endpoints.length,
        ...this.#renamed.facts(),
        top,
      },
    };
  }

  #addTimes(responseTimeMs: Float64Array, { codes, names }: Categories): void {
    const timesOf = names.map((name) => this.#timesOf.get(name));
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row];
      let times = timesOf[code];
      if (times === undefined) {
        times = timesOf[code] = this.#distribution();
        this.#timesOf.set(names[code], times);
      }
      times.add(responseTimeMs[row]);
      this.#times.add(responseTimeMs[row]);
    }
  }

  #distribution(): Distribution {
    return this.#isWhole ? new ExactDistribution() : new BinnedDistribution();
  }
}

/** Paths of an input that became endpoints of another name. */
class RenamedPaths {
  /** Hashes of them: texts may hold on to the lines that they were cut from. */
  readonly #seen = new Set<number>();
  #templated = 0;
  #pooled = 0;
  #areMore = false;

  add(raw: Categories, endpoint: Categories): void {
    const nameOf = new Array<string | undefined>(raw.names.length);
    raw.codes.forEach((code, row) =>
      nameOf[code] ??= endpoint.names[endpoint.codes[row]]
    );
    nameOf.forEach((name, code) => {
      const path = raw.names[code];
      if (name === undefined || name === path) return;
      const hash = hashOf(path);
      if (this.#seen.has(hash)) return;
      this.#areMore ||= this.#seen.size >= MOST_RENAMED_PATHS;
      if (this.#areMore) return;
      this.#seen.add(hash);
      if (name === OTHER_ENDPOINTS) this.#pooled++;
      else this.#templated++;
    });
  }

  facts(): { templated: number; pooled: number; areMore?: true } {
    return {
      templated: this.#templated,
      pooled: this.#pooled,
      ...(this.#areMore ? { areMore: true as const } : {}),
    };
  }
}

/**
 * What occurs, most frequent first, then in order of first appearance.
 *
 * @param counts How often by name.
 * @returns Each with its share of all.
 */
export function occurrencesOf(
  counts: ReadonlyMap<string | number, number>,
): Occurrence[] {
  let total = 0;
  for (const count of counts.values()) total += count;
  return Array.from(counts, ([name, count]) => ({
    name: String(name),
    count,
    share: count / total,
  })).sort((a, b) => b.count - a.count);
}

/**
 * Counts texts.
 *
 * @param counts How often by name; changed.
 * @param column The texts.
 * @param limit How many different ones are counted; the rest is `(other)`.
 */
export function addCounts(
  counts: Map<string, number>,
  { codes, names }: Categories,
  limit: number,
): void {
  const added = new Float64Array(names.length);
  for (const code of codes) added[code]++;
  names.forEach((name, code) => {
    if (added[code] === 0) return;
    const isKnown = counts.has(name) || counts.size < limit;
    const counted = isKnown ? name : OTHER_METHODS;
    counts.set(counted, (counts.get(counted) ?? 0) + added[code]);
  });
}

/** Constants of MurmurHash3. */
const MULTIPLIERS = [0x85ebca6b, 0xc2b2ae35];
const TWO_POW_21 = 2 ** 21;

/** 53 bits of a text: among a million, two are alike in 1 of 18,000 cases. */
function hashOf(text: string): number {
  let [a, b] = MULTIPLIERS;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, MULTIPLIERS[0]);
    b = Math.imul(b ^ unit, MULTIPLIERS[1]);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), MULTIPLIERS[1]);
  b = Math.imul(b ^ (a >>> 13), MULTIPLIERS[0]);
  return (a >>> 0) * TWO_POW_21 + (b >>> 0) % TWO_POW_21;
}
