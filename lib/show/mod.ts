/**
 * What notebooks show: figures, tables, progress. A figure is a function of
 * plain typed arrays and one options object that returns a
 * {@linkcode Figure}.
 *
 * @module
 */

export * from "./anomaly_scatter.ts";
export * from "./bar_comparison.ts";
export * from "./distribution_plot.ts";
export * from "./fan_plot.ts";
export * from "./figure.ts";
export * from "./forecast_plot.ts";
export * from "./level_timeline.ts";
export * from "./loss_curves.ts";
export * from "./progress.ts";
export * from "./results.ts";
export * from "./rolling_plot.ts";
export * from "./score_histogram.ts";
export * from "./tables.ts";
export * from "./timeline_plot.ts";
