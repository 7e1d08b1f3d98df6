// What the library calls.

export {
  adam,
  denseBackward,
  denseForward,
  dropoutMask,
  multiplyBy,
} from "./layers";
export { lstmBackward, lstmForward } from "./lstm";
export { packPanels, packTransposed } from "./packing";
export { addTo, exponentials, sigmoids, tangents } from "./vectors";

/** The first byte that is free for data. */
export function heapBase(): usize {
  return __heap_base;
}
