/**
 * latency-lab: reads API request logs, finds anomalous response times, forecasts
 * the next ones. Figures and tables for notebooks are in `lib/show/mod.ts`.
 *
 * @module
 */

export * from "./analysis.ts";
export * from "./detect/autoencoder.ts";
export * from "./detect/detector.ts";
export * from "./detect/incidents.ts";
export * from "./detect/isolation_forest.ts";
export * from "./detect/one_class_svm.ts";
export * from "./detect/threshold.ts";
export * from "./evaluate/backtest.ts";
export * from "./evaluate/baseline_models.ts";
export * from "./evaluate/calibrated_model.ts";
export * from "./evaluate/compared_forecasters.ts";
export * from "./evaluate/forecast_comparison.ts";
export * from "./evaluate/forecasts.ts";
export * from "./evaluate/held_out.ts";
export * from "./evaluate/point.ts";
export * from "./evaluate/range.ts";
export * from "./evaluate/warnings.ts";
export * from "./forecast/adaptive_conformal.ts";
export * from "./forecast/baselines.ts";
export * from "./forecast/conformal.ts";
export * from "./forecast/conformal_tracker.ts";
export * from "./forecast/exponential_smoothing.ts";
export * from "./forecast/forecaster.ts";
export * from "./forecast/inputs.ts";
export * from "./forecast/lstm.ts";
export * from "./forecast/random_walk.ts";
export * from "./forecast/referenced_inputs.ts";
export * from "./forecast/residual_quantiles.ts";
export * from "./forecast/spike_warnings.ts";
export * from "./forecast/spikes.ts";
export * from "./logs/endpoints.ts";
export * from "./logs/features.ts";
export * from "./logs/format_csv.ts";
export * from "./logs/frame.ts";
export * from "./logs/preprocessing.ts";
export * from "./logs/readers/mod.ts";
export * from "./logs/request_log.ts";
export * from "./logs/request_metrics.ts";
export * from "./logs/rolling.ts";
export * from "./logs/route_medians.ts";
export * from "./logs/series.ts";
export * from "./logs/slowness.ts";
export * from "./logs/synthetic.ts";
export * from "./logs/time.ts";
export * from "./logs/usual_traffic.ts";
export * from "./logs/windows.ts";
export * from "./numeric/log_histogram.ts";
export * from "./numeric/matrix.ts";
export * from "./numeric/random.ts";
export * from "./numeric/statistics.ts";
export * from "./prediction.ts";
