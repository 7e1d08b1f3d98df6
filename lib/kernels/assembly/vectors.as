// The elementary functions over whole arrays, in place; `count` is a multiple
// of 4. What the tests measure their accuracy by.

import { exp4, sigmoid4, tanh4 } from "./math";

export function exponentials(values: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(values, exp4(v128.load(values)));
    values += 16;
  }
}

export function sigmoids(values: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(values, sigmoid4(v128.load(values)));
    values += 16;
  }
}

export function tangents(values: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(values, tanh4(v128.load(values)));
    values += 16;
  }
}

/** Adds to each value of the first array the value of the second. */
export function addTo(values: usize, others: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(values, f32x4.add(v128.load(values), v128.load(others)));
    values += 16;
    others += 16;
  }
}
