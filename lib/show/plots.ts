/**
 * All figures of the notebooks in one import. Each is a function of plain
 * typed arrays and one options object that returns a {@linkcode Figure}.
 *
 * @module
 */

export * from "./anomaly_scatter.ts";
export * from "./bar_comparison.ts";
export * from "./distribution_plot.ts";
export * from "./drawing.ts";
export * from "./figure.ts";
export * from "./forecast_plot.ts";
export * from "./level_timeline.ts";
export * from "./loss_curves.ts";
export * from "./rolling_plot.ts";
export * from "./score_histogram.ts";
export * from "./timeline_plot.ts";
