/**
 * Scores for a log of any length, part by part: the features of a request look
 * back 30 minutes, and a request may come up to 30 minutes late, so the requests of
 * the last hour are kept from one part to the next, and every score is what it
 * would be in one piece.
 *
 * @module
 */

import type { AnomalyModel, ScoredRows } from "./analysis.ts";
import { FEATURE_HISTORY_MS } from "./logs/features.ts";
import {
  type Categories,
  concatRequests,
  type RequestLog,
  selectRequests,
} from "./logs/request_log.ts";
import { selectRows } from "./numeric/matrix.ts";
import { orderByTime } from "./logs/readers/rows.ts";

/** How late a request may come and still be scored among those around it. */
const LATENESS_MS = 1_800_000;

/** Scores requests part by part. */
export class PartScorer {
  readonly #model: AnomalyModel;
  #history: RequestLog | undefined;
  #lateRows = 0;

  /**
   * Begins without requests.
   *
   * @param model A model of requests.
   */
  constructor(model: AnomalyModel) {
    this.#model = model;
  }

  /**
   * Requests that came more than 30 minutes behind a request of a part before;
   * they were scored without the requests around them.
   */
  get lateRows(): number {
    return this.#lateRows;
  }

  /**
   * Scores the next part.
   *
   * @param log Requests sorted by time, n of them, n >= 1; some may be earlier
   * than the last ones of the part before.
   * @returns Scores, flags and features of these n requests, sorted by time.
   * @throws {TypeError} If only one of the log and the model has response times.
   */
  score(log: RequestLog): ScoredRows {
    const history = this.#history;
    if (!history) {
      this.#history = lastRows(log);
      return this.#model.score({ kind: "requests", log });
    }
    const known = history.timestampMs.length;
    const latestMs = history.timestampMs[known - 1];
    for (const time of log.timestampMs) {
      if (time >= latestMs - LATENESS_MS) break;
      this.#lateRows++;
    }
    const both = concatRequests(history, log);
    const { order } = orderByTime(both.timestampMs);
    const all = selectRequests(both, order);
    this.#history = lastRows(all);
    const rows = this.#model.score({ kind: "requests", log: all });
    const newRows = Uint32Array.from(order.keys())
      .filter((row) => order[row] >= known);
    return selectScored(rows, newRows);
  }
}

/** The rows that features of later rows look back on, even if those come late, and
 * the one before, so that no window is taken to begin where the log does. */
function lastRows(log: RequestLog): RequestLog {
  const { timestampMs } = log;
  const afterMs = timestampMs[timestampMs.length - 1] - LATENESS_MS -
    FEATURE_HISTORY_MS;
  let first = timestampMs.length - 1;
  while (first > 0 && timestampMs[first] > afterMs) first--;
  const rows = Uint32Array.from(
    { length: timestampMs.length - first },
    (_, k) => first + k,
  );
  return selectRequests(log, rows);
}

function selectScored(rows: ScoredRows, chosen: Uint32Array): ScoredRows {
  const take = <T extends Float64Array | Uint8Array | Uint32Array>(
    column: T,
  ): T => {
    const taken = column.slice(0, chosen.length) as T;
    for (let k = 0; k < chosen.length; k++) taken[k] = column[chosen[k]];
    return taken;
  };
  const takeCategories = ({ codes, names }: Categories): Categories => ({
    codes: take(codes),
    names,
  });
  return {
    timestampMs: take(rows.timestampMs),
    sourceRow: take(rows.sourceRow),
    score: take(rows.score),
    anomaly: take(rows.anomaly),
    value: take(rows.value),
    expected: take(rows.expected),
    threshold: rows.threshold,
    x: selectRows(rows.x, chosen),
    feature: takeCategories(rows.feature),
    ...(rows.endpoint ? { endpoint: takeCategories(rows.endpoint) } : {}),
  };
}
