/**
 * Reads structs of Thrift's compact protocol, in which Parquet writes its
 * metadata, so far as sizes are wanted: numbers, lists and structs are kept by
 * the number of their field, texts are passed over. Nothing is trusted: what
 * runs over the end, is nested too deeply or is of an unknown type is an error.
 *
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * @module
 */

/** A value; undefined is a text, which is passed over. */
export type ThriftValue =
  | number
  | ThriftStruct
  | readonly ThriftValue[]
  | undefined;

/** The values of a struct, by the number of their field. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Deepest nesting; Parquet's own structs have less. */
const MAX_DEPTH = 16;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

/**
 * Reads a struct.
 *
 * @param bytes What holds it.
 * @param start Where it begins.
 * @returns The struct, and where it ends.
 * @throws {SyntaxError} If it does not parse or runs over the end.
 */
export function readThriftStruct(
  bytes: Uint8Array,
  start: number,
): { struct: ThriftStruct; end: number } {
  const reader = new Reader(bytes, start);
  return { struct: reader.struct(0), end: reader.at };
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw damaged("is nested too deeply");
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    while (true) {
      const head = this.#byte();
      if (head === 0) return fields;
      const delta = head >> 4;
      id = delta === 0 ? this.#integer() : id + delta;
      fields.set(id, this.#value(head & 15, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TRUE:
        return 1;
      case FALSE:
        return 0;
      case BYTE:
        return this.#byte();
      case I16:
      case I32:
      case I64:
        return this.#integer();
      case DOUBLE:
        return this.#skip(8);
      case BINARY:
        return this.#skip(this.#unsigned());
      case LIST:
      case SET:
        return this.#list(depth);
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw damaged(`has a value of type ${type}`);
    }
  }

  #list(depth: number): readonly ThriftValue[] {
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#unsigned() : head >> 4;
    const type = head & 15;
    const values: ThriftValue[] = [];
    // Each value takes a byte at least, so a false count ends at the end.
    for (let i = 0; i < count; i++) {
      values.push(
        type === TRUE || type === FALSE
          ? this.#byte()
          : this.#value(type, depth + 1),
      );
    }
    return values;
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw damaged("ends too early");
    return this.#bytes[this.at++];
  }

  #skip(length: number): undefined {
    if (!(length <= this.#bytes.length - this.at)) {
      throw damaged("ends too early");
    }
    this.at += length;
  }

  #unsigned(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw damaged("has a number of more than 64 bits");
  }

  /** Zigzag; exact as far as doubles are, which is enough for sizes. */
  #integer(): number {
    const value = this.#unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

function damaged(what: string): SyntaxError {
  return new SyntaxError(`the metadata ${what}`);
}
