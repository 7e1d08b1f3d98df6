/**
 * Fits and scores a one-class SVM: WORK FILE, WORK being fit, score or
 * approximate (both, on any number of rows).
 *
 * @module
 */

import { OneClassSvm } from "../../../lib/detect/one_class_svm.ts";
import type { Matrix } from "../../../lib/numeric/matrix.ts";
import { readRows } from "./rows.ts";
import { printSample } from "./sample.ts";

const [work, file] = Deno.args;
const options = {
  nu: 0.05,
  approximation: work === "approximate" ? "nystroem" : "none",
} as const;
const run = (x: Matrix) => {
  const start = performance.now();
  const svm = OneClassSvm.fit(x, options);
  const fitted = performance.now();
  const scores = svm.score(x);
  const done = performance.now();
  const seconds = {
    fit: fitted - start,
    score: done - fitted,
    approximate: done - start,
  };
  const outside = scores.filter((score) => score > 0).length;
  const check = work === "approximate" ? outside : svm.rho;
  return { seconds: seconds[work as keyof typeof seconds] / 1000, check };
};
const { x, warmUp } = readRows(file);
for (let k = 0; k < 3; k++) run(warmUp);
const { seconds, check } = run(x);
printSample(seconds, { check });
