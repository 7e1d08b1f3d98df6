import assert from "node:assert/strict";
import { Autoencoder } from "lib/detect/autoencoder.ts";
import type { PointDetector } from "lib/detect/detector.ts";
import { OneClassSvm } from "lib/detect/one_class_svm.ts";
import { withChecksums } from "lib/numeric/field_checksums.ts";
import { matrixFromRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { checkMutations, type Json } from "./model_mutations.ts";

const COUNT = 10_000;
const random = new Random(8);
const rows = matrixFromRows(
  Array.from({ length: 40 }, () => [random.uniform(), random.uniform()]),
);

const subjects: [string, () => PointDetector | Promise<PointDetector>, {
  fromJSON(json: unknown): PointDetector;
}][] = [
  ["exact OneClassSvm", () => OneClassSvm.fit(rows, { nu: 0.2 }), OneClassSvm],
  [
    "approximate OneClassSvm",
    () => OneClassSvm.fit(rows, { nu: 0.2, approximation: "nystroem" }),
    OneClassSvm,
  ],
  [
    "Autoencoder",
    () => Autoencoder.fit(rows, { hidden: [3, 2], epochs: 1 }),
    Autoencoder,
  ],
];

for (const [name, fit, { fromJSON }] of subjects) {
  Deno.test(`${COUNT} damaged files of the ${name} are rejected or score as ever`, async () => {
    const text = JSON.stringify(await fit());
    const subject = { text, load: fromJSON, rows, count: COUNT };
    const { rejected } = await checkMutations({ ...subject, exact: true });
    assert(rejected > 0.8 * COUNT, `${rejected}`);
  });

  Deno.test(`${COUNT} forged files of the ${name} are rejected or score`, async () => {
    const text = JSON.stringify(await fit());
    const { rejected } = await checkMutations({
      ...{ text, load: fromJSON, rows, count: COUNT },
      repair: ({ checksums, ...fields }: Json) =>
        checksums === undefined ? fields : withChecksums(fields),
    });
    assert(rejected > 0.4 * COUNT, `${rejected}`);
  });
}
