import { Autoencoder } from "lib/detect/autoencoder.ts";
import { HybridDetector } from "lib/detect/hybrid.ts";
import { IsolationForest } from "lib/detect/isolation_forest.ts";
import { MahalanobisDetector } from "lib/detect/mahalanobis.ts";
import { NearestValues } from "lib/detect/nearest_values.ts";
import { PrincipalComponents } from "lib/detect/principal_components.ts";
import { SeasonalResidual } from "lib/detect/seasonal_residual.ts";
import { WindowedDetector } from "lib/detect/windowed.ts";
import { checkSeriesDetector } from "../series_detector_contract.ts";

const WINDOW = 4;
const WINDOWED = {
  "Isolation Forest": [IsolationForest.fit, IsolationForest.fromJSON],
  "autoencoder": [Autoencoder.fit, Autoencoder.fromJSON],
  "Mahalanobis distance": [
    MahalanobisDetector.fit,
    MahalanobisDetector.fromJSON,
  ],
  "principal components": [
    PrincipalComponents.fit,
    PrincipalComponents.fromJSON,
  ],
} as const;

for (const [name, [fit, load]] of Object.entries(WINDOWED)) {
  for (const isCausal of [false, true]) {
    Deno.test(`a windowed ${name} keeps the contract, ${isCausal ? "" : "not "}causal`, (t) =>
      checkSeriesDetector(t, {
        fit: (values) =>
          WindowedDetector.fit(values, (windows) => fit(windows), {
            windowSize: WINDOW,
            isCausal,
          }),
        load: (json) => WindowedDetector.fromJSON(json, load),
        isCausal,
        reach: WINDOW,
      }));
  }
}

for (const period of [1, 12]) {
  for (const isCausal of [false, true]) {
    Deno.test(`SeasonalResidual keeps the contract, period ${period}, ${isCausal ? "" : "not "}causal`, (t) =>
      checkSeriesDetector(t, {
        fit: (values) => SeasonalResidual.fit(values, { period, isCausal }),
        load: SeasonalResidual.fromJSON,
        isCausal,
      }));
  }
}

Deno.test("NearestValues keeps the contract", (t) =>
  checkSeriesDetector(t, {
    fit: (values) => NearestValues.fit(values),
    load: NearestValues.fromJSON,
    isCausal: true,
  }));

Deno.test("HybridDetector keeps the contract", (t) =>
  checkSeriesDetector(t, {
    fit: (values) =>
      HybridDetector.fit(values, [
        { name: "value", detector: NearestValues.fit(values) },
        { name: "season", detector: SeasonalResidual.fit(values) },
      ]),
    load: (json) =>
      HybridDetector.fromJSON(json, (member) =>
        (member as { kind?: unknown } | null)?.kind === "nearest_values"
          ? NearestValues.fromJSON(member)
          : SeasonalResidual.fromJSON(member)),
    isCausal: false,
    freeFields: ["names"],
    reach: 1,
  }));
