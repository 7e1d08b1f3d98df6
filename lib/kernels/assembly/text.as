// Looking for bytes in a text, sixteen at a time.

export { readTimes } from "./times";

/** How many bytes from `start` to before `end` are `byte`. */
export function countByte(start: usize, end: usize, byte: u32): u32 {
  const wanted = i8x16.splat(<i8> byte);
  let count: u32 = 0;
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const equal = i8x16.eq(v128.load(at), wanted);
    count += <u32> popcnt<i32>(i8x16.bitmask(equal));
  }
  for (; at < end; at++) count += u32(<u32> load<u8>(at) == byte);
  return count;
}

/** Whether any byte from `start` to before `end` is one of three. */
export function hasAny(start: usize, end: usize, a: u32, b: u32, c: u32): bool {
  const first = i8x16.splat(<i8> a);
  const second = i8x16.splat(<i8> b);
  const third = i8x16.splat(<i8> c);
  let found = i8x16.splat(0);
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const bytes = v128.load(at);
    found = v128.or(found, i8x16.eq(bytes, first));
    found = v128.or(found, i8x16.eq(bytes, second));
    found = v128.or(found, i8x16.eq(bytes, third));
  }
  if (v128.any_true(found)) return true;
  for (; at < end; at++) {
    const byte = <u32> load<u8>(at);
    if (byte == a || byte == b || byte == c) return true;
  }
  return false;
}
