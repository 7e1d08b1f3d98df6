/**
 * The way from a log to incidents that notebooks and the program share:
 * features, scaler, detector, threshold, flags, incidents, and the model file
 * that holds all that was learned.
 *
 * @module
 */

import { Autoencoder } from "./detect/autoencoder.ts";
import type { PointDetector } from "./detect/detector.ts";
import {
  type FlaggedPoints,
  type Incident,
  mergeIncidents,
} from "./detect/incidents.ts";
import { IsolationForest } from "./detect/isolation_forest.ts";
import { OneClassSvm } from "./detect/one_class_svm.ts";
import { flagAbove, quantileThreshold } from "./detect/threshold.ts";
import { HybridRows } from "./hybrid_rows.ts";
import {
  describeFeature,
  type FeatureRows,
  RequestFeatures,
  SERIES_FEATURES,
  seriesFeatures,
} from "./logs/features.ts";
import { LinearScaler } from "./logs/preprocessing.ts";
import {
  type Categories,
  type Observations,
  type RequestLog,
  responseTimesOf,
} from "./logs/request_log.ts";
import { usualStepMs } from "./logs/series.ts";
import { evenRows } from "./logs/windows.ts";
import { checkNumber, checkSeed, checkValues } from "./numeric/checks.ts";
import { readNumber, readObject, readText } from "./numeric/json_fields.ts";
import type { Matrix } from "./numeric/matrix.ts";
import { median } from "./numeric/statistics.ts";
import type { TrainingProgress } from "./numeric/training.ts";

/** A log of requests, or timed values; what an analysis can begin with. */
export type AnalysisInput =
  | { readonly kind: "requests"; readonly log: RequestLog }
  | { readonly kind: "series"; readonly observations: Observations };

/** The detectors by the names that the program gives them. */
export const DETECTION_METHODS = [
  "iforest",
  "ocsvm",
  "autoencoder",
  "hybrid",
] as const;

/** The name of a detector. */
export type DetectionMethod = typeof DETECTION_METHODS[number];

/** Options for {@linkcode AnomalyModel.fit}. */
export type AnomalyModelOptions = {
  /** The detector; `hybrid` is for series alone. @default {"iforest"} */
  method?: DetectionMethod;
  /** Share of training rows above the threshold, 0 to 1. @default {0.02} */
  alarmRate?: number;
  /** Seed of everything random. @default {0} */
  seed?: number;
  /** The greatest number of epochs of a network. @default {50} */
  epochs?: number;
  /** Aborts the training of a network. */
  signal?: AbortSignal;
  /** Hears of the training of a network. */
  onProgress?: (progress: TrainingProgress) => void;
};

/** Rows with scores and flags, sorted by time, and where they came from. */
export type ScoredRows = FlaggedPoints & {
  /** The features of each row, shape `(n, d)`. */
  readonly x: Matrix;
  /** The feature that is furthest from its usual value, for each row, or the
   * member of a hybrid that speaks loudest. */
  readonly feature: Categories;
  /** Whether `feature` names members of a hybrid. */
  readonly namesMembers?: boolean;
  /** The threshold that scores were compared with. */
  readonly threshold: number;
  /** The data row of the input, from 0, that each row came from. */
  readonly sourceRow: Uint32Array;
};

const FORMAT = "latency-lab-model";
const FORMAT_VERSION = 1;
const SVM_NU = 0.05;
const SERIES_GAP_STEPS = 3;

/**
 * The greatest number of rows that a method is fitted on, drawn evenly over
 * time from longer inputs: the network needs no more to learn five features.
 * The SVM is fitted on all rows, approximately where they are many.
 */
export const MAXIMUM_TRAINING_ROWS: Readonly<Record<DetectionMethod, number>> =
  {
    iforest: Number.MAX_SAFE_INTEGER,
    ocsvm: Number.MAX_SAFE_INTEGER,
    autoencoder: 10_000,
    hybrid: Number.MAX_SAFE_INTEGER,
  };

/** All that was learned from training rows: it scores rows and flags them. */
export class AnomalyModel {
  /** The detector's name. */
  readonly method: DetectionMethod;
  /** What kind of input it was fitted on. */
  readonly inputKind: AnalysisInput["kind"];
  /** Names of the features that it looks at, in the order of the columns; a log
   * without response times has others than one with them. */
  readonly features: readonly string[];
  /** Whether requests must have response times; if not, they must have none. */
  readonly usesResponseTimes: boolean;
  /** Scores above this are anomalies. */
  readonly threshold: number;
  /** Share of training rows that the threshold was set to flag. */
  readonly alarmRate: number;
  /** The seed of everything random. */
  readonly seed: number;
  readonly #encoder: RequestFeatures | undefined;
  readonly #usual: LinearScaler;
  readonly #scaler: LinearScaler;
  readonly #detector: PointDetector;

  private constructor(parts: ModelParts) {
    this.method = parts.method;
    this.inputKind = parts.encoder ? "requests" : "series";
    this.usesResponseTimes = parts.encoder?.usesResponseTimes ?? false;
    this.features = parts.encoder?.names ?? SERIES_FEATURES;
    this.threshold = parts.threshold;
    this.alarmRate = parts.alarmRate;
    this.seed = parts.seed;
    this.#encoder = parts.encoder;
    this.#usual = parts.usual;
    this.#scaler = parts.scaler;
    this.#detector = parts.detector;
  }

  /**
   * Fits features, scaler, detector and threshold, in this order, on the same
   * training rows. A log without response times is judged by its sizes, its
   * request rate and its errors; see {@linkcode RequestFeatures}.
   *
   * @param input Training rows.
   * @param options The method, the alarm rate and the seed.
   * @returns The fitted model.
   * @throws {TypeError} If the method is unknown, or `hybrid` for requests.
   * @throws {RangeError} If there are too few rows or an option is out of range.
   */
  static async fit(
    input: AnalysisInput,
    options: AnomalyModelOptions = {},
  ): Promise<AnomalyModel> {
    const { method = "iforest", alarmRate = 0.02, seed = 0 } = options;
    checkMethod(method, input.kind);
    checkNumber(alarmRate, "alarmRate", "fit a model", {
      minimum: 0,
      maximum: 1,
    });
    checkSeed(seed, "fit a model");
    const encoder = input.kind === "requests"
      ? RequestFeatures.fit(input.log)
      : undefined;
    const { x } = featuresOf(input, encoder);
    const usual = LinearScaler.fitStandard(x);
    const scaler = method === "autoencoder" ? LinearScaler.fitMinMax(x) : usual;
    const scaled = scaler.transform(x);
    const detector = await fitDetector(
      evenRows(scaled, MAXIMUM_TRAINING_ROWS[method]),
      { ...options, method, seed },
    );
    const { score } = judgeRows(detector, scaled, input);
    const threshold = quantileThreshold(score, 1 - alarmRate);
    return new AnomalyModel({
      method,
      alarmRate,
      seed,
      encoder,
      usual,
      scaler,
      detector,
      threshold,
    });
  }

  /**
   * Scores and flags rows.
   *
   * @param input Rows of the kind that the model was fitted on.
   * @returns Scores, flags and features, sorted by time.
   * @throws {TypeError} If the input is of another kind, or only one of it and
   * the training log has response times.
   * @throws {RangeError} If there are no rows.
   */
  score(input: AnalysisInput): ScoredRows {
    const rows = featuresOf(input, this.#encoder);
    const scaled = this.#scaler.transform(rows.x);
    const { score, loudest } = judgeRows(this.#detector, scaled, input);
    checkValues(score, "score", "score rows with this model");
    const source = input.kind === "requests" ? input.log : input.observations;
    return {
      ...rows,
      timestampMs: source.timestampMs,
      sourceRow: source.sourceRow,
      score,
      threshold: this.threshold,
      anomaly: flagAbove(score, this.threshold),
      ...(loudest ? { feature: loudest, namesMembers: true } : {
        feature: {
          codes: furthestFeature(this.#usual.transform(rows.x)),
          names: this.features,
        },
      }),
      ...(input.kind === "requests" ? { endpoint: input.log.endpoint } : {}),
    };
  }

  /**
   * Merges what {@linkcode AnomalyModel.score} flagged into incidents. Among
   * requests, single slow ones are usual, so a cluster must be more than chance
   * makes of the alarm rate; every flagged stretch of a series is an incident,
   * with gaps of up to three steps.
   *
   * @param rows Scored rows.
   * @returns Incidents, ascending in time.
   */
  incidents(rows: ScoredRows): Incident[] {
    const { alarmRate } = this;
    if (this.inputKind === "requests") {
      return mergeIncidents(rows, { alarmRate });
    }
    const stepMs = usualStepMs(rows.timestampMs) ?? 0;
    const gapMs = SERIES_GAP_STEPS * stepMs;
    return mergeIncidents(rows, { alarmRate, gapMs, maximumChance: 1 });
  }

  /**
   * Gives the whole model for a model file.
   *
   * @returns The envelope, ready for `JSON.stringify`.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return {
      format: FORMAT,
      version: FORMAT_VERSION,
      kind: this.#detector.kind,
      features: this.features,
      usual: this.#usual,
      scaler: this.#scaler,
      encoder: this.#encoder ?? null,
      model: this.#detector,
      threshold: this.threshold,
      alarmRate: this.alarmRate,
      seed: this.seed,
    };
  }

  /**
   * Loads a model file.
   *
   * @param json Untrusted JSON, as {@linkcode AnomalyModel.toJSON} gives it.
   * @returns The model; it gives the scores that the saved one gave.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static async fromJSON(json: unknown): Promise<AnomalyModel> {
    const object = readObject(json, "the file");
    readText(object, "format", [FORMAT]);
    readNumber(object, "version", {
      minimum: FORMAT_VERSION,
      maximum: FORMAT_VERSION,
    });
    const kind = readText(object, "kind", Object.keys(METHOD_OF_KIND));
    const method = METHOD_OF_KIND[kind];
    const encoder = object.encoder === null
      ? undefined
      : RequestFeatures.fromJSON(object.encoder);
    const detector = await LOADERS[method](object.model);
    const scaler = LinearScaler.fromJSON(object.scaler);
    const usual = LinearScaler.fromJSON(object.usual);
    const names = encoder?.names ?? SERIES_FEATURES;
    const width = names.length;
    for (
      const [field, found] of [
        ["scaler", scaler.offset.length],
        ["usual", usual.offset.length],
        ["model", detector.featureCount],
      ]
    ) {
      if (found !== width) {
        throw new SyntaxError(
          `Cannot load model: ${field} has ${found} features, expected ${width}`,
        );
      }
    }
    checkFeatures(object.features, names);
    if (method === "hybrid" && encoder) {
      throw new SyntaxError(
        "Cannot load model: encoder is one of requests, expected null beside a hybrid",
      );
    }
    return new AnomalyModel({
      method,
      encoder,
      detector,
      scaler,
      usual,
      threshold: readNumber(object, "threshold"),
      alarmRate: readNumber(object, "alarmRate", { minimum: 0, maximum: 1 }),
      seed: readNumber(object, "seed", { minimum: 0, integer: true }),
    });
  }
}

/**
 * The naive baseline: a fixed limit on the response time, the same for every
 * endpoint and hour, at a quantile of training requests.
 *
 * @param train Training requests, with response times.
 * @param log Requests to flag, n of them, with response times.
 * @param alarmRate Share of training requests above the limit, 0 to 1.
 * @returns Points whose score is the response time in milliseconds.
 * @throws {TypeError} If a log has no response times.
 * @throws {RangeError} If there are no training requests, or `alarmRate` is out
 * of range.
 */
export function flagByFixedLimit(
  train: RequestLog,
  log: RequestLog,
  alarmRate: number,
): FlaggedPoints {
  const action = "set a fixed limit";
  const trainMs = responseTimesOf(train, action);
  const value = responseTimesOf(log, action);
  const limit = quantileThreshold(trainMs, 1 - alarmRate);
  return {
    timestampMs: log.timestampMs,
    score: value,
    anomaly: flagAbove(value, limit),
    value,
    expected: new Float64Array(value.length).fill(median(trainMs)),
    endpoint: log.endpoint,
  };
}

/**
 * Says why a row was flagged: what stands out most from the training rows.
 *
 * @param rows Scored rows.
 * @param row The row, from 0.
 * @returns Words for a flagged row, "" for any other.
 */
export function reasonFor(rows: ScoredRows, row: number): string {
  if (!rows.anomaly[row]) return "";
  const { x, feature } = rows;
  const column = feature.codes[row];
  if (rows.namesMembers) {
    const value = describeFeature("value", x.data[row * x.cols]);
    const member = feature.names[column];
    return member === "value" ? value : `${member}, ${value}`;
  }
  return describeFeature(feature.names[column], x.data[row * x.cols + column]);
}

type ModelParts = {
  method: DetectionMethod;
  alarmRate: number;
  seed: number;
  threshold: number;
  encoder: RequestFeatures | undefined;
  usual: LinearScaler;
  scaler: LinearScaler;
  detector: PointDetector;
};

const METHOD_OF_KIND: Readonly<Record<string, DetectionMethod>> = {
  isolation_forest: "iforest",
  one_class_svm: "ocsvm",
  autoencoder: "autoencoder",
  series_hybrid: "hybrid",
};

const LOADERS: Readonly<
  Record<
    DetectionMethod,
    (json: unknown) => PointDetector | Promise<PointDetector>
  >
> = {
  iforest: IsolationForest.fromJSON,
  ocsvm: OneClassSvm.fromJSON,
  autoencoder: Autoencoder.fromJSON,
  hybrid: HybridRows.fromJSON,
};

function fitDetector(
  x: Matrix,
  options: AnomalyModelOptions & { method: DetectionMethod; seed: number },
): PointDetector | Promise<PointDetector> {
  const { method, seed, epochs = 50, signal, onProgress } = options;
  switch (method) {
    case "hybrid":
      return HybridRows.fit(x);
    case "iforest":
      return IsolationForest.fit(x, { seed });
    case "ocsvm":
      return OneClassSvm.fit(x, { nu: SVM_NU, seed });
    case "autoencoder":
      return Autoencoder.fit(x, {
        seed,
        epochs,
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress } : {}),
      });
  }
}

function checkMethod(method: string, kind: AnalysisInput["kind"]): void {
  if (method === "hybrid" && kind === "requests") {
    throw new TypeError(
      "Cannot fit a model: method is hybrid for requests, expected a series",
    );
  }
  if (!(DETECTION_METHODS as readonly string[]).includes(method)) {
    throw new TypeError(
      `Cannot fit a model: method is "${method}", expected ${
        DETECTION_METHODS.join(", ")
      }`,
    );
  }
}

function checkFeatures(found: unknown, expected: readonly string[]): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new SyntaxError(
    `Cannot load model: features is ${
      JSON.stringify(found)?.slice(0, 60) ?? "missing"
    }, expected ${JSON.stringify(expected)}`,
  );
}

/** The features of rows; requests are compared with what `encoder` learned. */
function featuresOf(
  input: AnalysisInput,
  encoder: RequestFeatures | undefined,
): FeatureRows {
  if (input.kind === "series" && !encoder) {
    return seriesFeatures(input.observations);
  }
  if (input.kind === "requests" && encoder) {
    return encoder.transform(input.log);
  }
  throw new TypeError(
    `Cannot score: input is ${input.kind}, expected ${
      encoder ? "requests" : "series"
    } as in training`,
  );
}

/** Scores, and where a hybrid gives them, who speaks for each: it is told the
 * times, so that it sees gaps. */
function judgeRows(
  detector: PointDetector,
  x: Matrix,
  input: AnalysisInput,
): { score: Float64Array; loudest?: Categories } {
  if (!(detector instanceof HybridRows) || input.kind !== "series") {
    return { score: detector.score(x) };
  }
  return detector.judge(x, { timestampMs: input.observations.timestampMs });
}

/** For each row the column with the greatest distance from 0. */
function furthestFeature(z: Matrix): Uint32Array {
  return Uint32Array.from({ length: z.rows }, (_, row) => {
    let furthest = 0;
    for (let j = 1; j < z.cols; j++) {
      const at = row * z.cols;
      if (Math.abs(z.data[at + j]) > Math.abs(z.data[at + furthest])) {
        furthest = j;
      }
    }
    return furthest;
  });
}
