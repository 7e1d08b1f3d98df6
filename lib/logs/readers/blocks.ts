/**
 * An input of any size, block by block: each block ends where a line or a CSV
 * record does, so that it can be read by itself. Memory holds one block,
 * whatever the size of the input; what is gzipped is unpacked as it comes.
 *
 * A line that is longer than a block is cut to just over 1 MiB, which is enough
 * for every reader to reject it; what follows of it is passed over.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import process from "node:process";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { TextMemory } from "../../kernels/text_memory.ts";
import {
  inputName,
  isGzip,
  lengthWithoutPadding,
  notGzip,
  STANDARD_INPUT,
} from "./input.ts";
import {
  countLines,
  factsOf,
  MAX_LINE_BYTES,
  ODD_BYTES,
  type TextFacts,
} from "./lines.ts";

/** A piece of an input that ends where a line does. */
export type Block = {
  /** Its bytes; they are overwritten when the next block is asked for. */
  readonly bytes: Uint8Array;
  /** Where they lie. */
  readonly memory?: TextMemory;
  /** Lines before it. */
  readonly lineOffset: number;
  /** What stands in it. */
  readonly facts: TextFacts;
  /** Bytes of the file behind us, as it is stored; for progress. */
  readonly bytesRead: number;
  /** Size of the file; absent for standard input and other pipes. */
  readonly fileBytes?: number;
};

/** Options for {@linkcode readBlocks}. */
export type BlockOptions = {
  /** Bytes of a block, unpacked, from 2 MiB to 1 GiB. @default {33554432} */
  blockBytes?: number;
  /** What messages call the input. */
  file?: string;
};

/** Where bytes come from. */
type ByteSource = {
  /** Fills a part of the target; 0 only at the end. */
  read(target: Uint8Array): Promise<number>;
  /** Closes what is open. */
  close(): Promise<unknown>;
  /** The size of the file, if it is one. */
  readonly fileBytes?: number;
  /** Bytes taken from the file so far, as it is stored. */
  bytesRead(): number;
};

const DEFAULT_BLOCK_BYTES = 32 * 2 ** 20;
const LEAST_BLOCK_BYTES = 2 * MAX_LINE_BYTES;
const MOST_BLOCK_BYTES = 2 ** 30;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
/** Bytes by which gzip is told. */
const HEAD_BYTES = 2;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads a file, a pipe or standard input block by block.
 *
 * @param path The file, gzipped or not; `-` is standard input.
 * @param options The size of a block and the name of the input.
 * @returns The blocks in order, none if the input is empty; without a byte
 * order mark.
 * @throws {RangeError} If the size of a block is out of range.
 * @throws {SyntaxError} If it begins like gzip and does not unpack, or is a
 * folder.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function* readBlocks(
  path: string,
  options: BlockOptions = {},
): AsyncGenerator<Block> {
  const { blockBytes = DEFAULT_BLOCK_BYTES, file = inputName(path) } = options;
  const isInRange = blockBytes >= LEAST_BLOCK_BYTES &&
    blockBytes <= MOST_BLOCK_BYTES;
  if (!isInRange) {
    throw new RangeError(
      `Cannot read ${file}: blockBytes is ${blockBytes}, expected at least ${LEAST_BLOCK_BYTES} and at most ${MOST_BLOCK_BYTES}`,
    );
  }
  const source = await openSource(path, file);
  const memory = new TextMemory(blockBytes);
  const buffer = memory.bytes;
  const { fileBytes } = source;
  let held = 0;
  let lineOffset = 0;
  try {
    for (let isFirst = true;; isFirst = false) {
      const length = await fill(source, buffer, held);
      const isEnd = length < buffer.length;
      const start = isFirst && startsWithMark(buffer) ? 3 : 0;
      if (length === start) return;
      const isPlain = !memory.hasAny(start, length, ODD_BYTES);
      const found = isEnd ? length : endOfRecord(buffer, length, isPlain);
      const end = found > 0 ? found : start + MAX_LINE_BYTES + 1;
      const bytes = buffer.subarray(start, end);
      const bytesRead = source.bytesRead();
      const lineFeeds = memory.count(start, end, LINE_FEED);
      const facts = { isPlain, lineFeeds };
      yield {
        bytes,
        memory,
        lineOffset,
        facts,
        bytesRead,
        ...(fileBytes === undefined ? {} : { fileBytes }),
      };
      if (isEnd) return;
      lineOffset += found === 0 ? 1 : linesIn(bytes, facts);
      held = found > 0
        ? keepRest(buffer, end, length)
        : await skipLine(source, buffer, length);
    }
  } finally {
    await source.close();
  }
}

/** How large the pieces of a block are. */
export type PieceSize = {
  /** Bytes, at most; a longer record stays whole, as a block would have it. */
  readonly bytes: number;
  /** Ends of lines, at most. */
  readonly lines: number;
};

/**
 * Cuts a block into pieces that end where a record does.
 *
 * @param block The block.
 * @param size How large a piece is.
 * @returns The pieces in order.
 */
export function* piecesOf(block: Block, size: PieceSize): Generator<Block> {
  const { bytes } = block;
  let { lineOffset } = block;
  for (let start = 0; start < bytes.length;) {
    const rest = bytes.subarray(start);
    const piece = rest.subarray(0, endOfPiece(rest, size, block.facts.isPlain));
    const facts = factsOf(piece);
    yield { ...block, bytes: piece, lineOffset, facts };
    lineOffset += linesIn(piece, facts);
    start += piece.length;
  }
}

function endOfPiece(
  bytes: Uint8Array,
  size: PieceSize,
  isPlain: boolean,
): number {
  for (let length = lengthOf(bytes, size);; length *= 2) {
    if (length >= bytes.length) return bytes.length;
    const end = endOfRecord(bytes, length, isPlain);
    const isQuoted = !isPlain && length < LEAST_BLOCK_BYTES &&
      isOddCount(bytes, end);
    if (end > 0 && !isQuoted) return end;
  }
}

/** The bytes up to the end of the last line of a piece. */
function lengthOf(bytes: Uint8Array, size: PieceSize): number {
  let lines = 0;
  for (let i = 0; i < Math.min(size.bytes, bytes.length); i++) {
    const isEnd = bytes[i] === LINE_FEED || bytes[i] === CARRIAGE_RETURN;
    if (isEnd && ++lines === size.lines) return i + 1;
  }
  return size.bytes;
}

/** How many lines there are, of which all are ended. */
function linesIn(bytes: Uint8Array, facts: TextFacts): number {
  return facts.isPlain ? facts.lineFeeds : countLines(bytes);
}

/** Fills a buffer behind what it holds; less than full only at the end. */
async function fill(
  source: ByteSource,
  buffer: Uint8Array,
  held: number,
): Promise<number> {
  let length = held;
  while (length < buffer.length) {
    const count = await source.read(buffer.subarray(length));
    if (count === 0) break;
    length += count;
  }
  return length;
}

function keepRest(buffer: Uint8Array, end: number, length: number): number {
  buffer.copyWithin(0, end, length);
  return length - end;
}

/** Reads on to the end of a line that fills the buffer, and keeps what follows. */
async function skipLine(
  source: ByteSource,
  buffer: Uint8Array,
  full: number,
): Promise<number> {
  // The last byte may be the first half of a CRLF: its other half comes next.
  let held = buffer[full - 1] === CARRIAGE_RETURN
    ? keepRest(buffer, full - 1, full)
    : 0;
  for (;;) {
    const length = await fill(source, buffer, held);
    const isEnd = length < buffer.length;
    const at = firstLineEnd(buffer.subarray(0, length));
    const isHalf = at === length - 1 && buffer[at] === CARRIAGE_RETURN;
    if (at >= 0 && (isEnd || !isHalf)) {
      const isPair = buffer[at] === CARRIAGE_RETURN && at + 1 < length &&
        buffer[at + 1] === LINE_FEED;
      return keepRest(buffer, at + (isPair ? 2 : 1), length);
    }
    if (isEnd) return 0;
    held = isHalf ? keepRest(buffer, at, length) : 0;
  }
}

/** The first `\n` or `\r`, -1 if there is none. */
function firstLineEnd(bytes: Uint8Array): number {
  const lineFeed = bytes.indexOf(LINE_FEED);
  const before = lineFeed < 0 ? bytes : bytes.subarray(0, lineFeed);
  const carriageReturn = before.indexOf(CARRIAGE_RETURN);
  return carriageReturn < 0 ? lineFeed : carriageReturn;
}

/**
 * Where the last whole record ends: behind the last line feed that does not
 * stand in quotes, as far as quotes pair up; behind the last one at all if that
 * would be more than the longest line back; where there is none, behind a
 * carriage return. 0 if the whole buffer is one line.
 */
function endOfRecord(
  buffer: Uint8Array,
  length: number,
  isPlain: boolean,
): number {
  const last = buffer.lastIndexOf(LINE_FEED, length - 1) + 1;
  if (last === 0) {
    // The last byte may be the first half of a CRLF.
    return buffer.subarray(0, length - 1).lastIndexOf(CARRIAGE_RETURN) + 1;
  }
  if (isPlain) return last;
  let isOpen = isOddCount(buffer, last);
  for (let end = last; end > Math.max(0, last - MAX_LINE_BYTES); end--) {
    const byte = buffer[end - 1];
    if (byte === QUOTE) isOpen = !isOpen;
    else if (byte === LINE_FEED && !isOpen) return end;
  }
  return last;
}

function isOddCount(buffer: Uint8Array, end: number): boolean {
  let isOdd = false;
  for (let i = 0; i < end; i++) if (buffer[i] === QUOTE) isOdd = !isOdd;
  return isOdd;
}

function startsWithMark(buffer: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, i) => buffer[i] === byte);
}

async function openSource(path: string, file: string): Promise<ByteSource> {
  if (path === STANDARD_INPUT) return streamSource(process.stdin, file);
  const found = await stat(path);
  if (found.isDirectory()) {
    throw new SyntaxError(
      `Cannot read ${file}: it is a folder, expected a file`,
    );
  }
  // A pipe or a device does not tell its size.
  if (!found.isFile()) return streamSource(createReadStream(path), file);
  const handle = await open(path);
  const head = new Uint8Array(HEAD_BYTES);
  await handle.read(head, 0, head.length, 0);
  if (!isGzip(head)) return fileSource(handle, found.size);
  await handle.close();
  const source = streamSource(createReadStream(path), file);
  return { ...source, fileBytes: found.size };
}

/** A file that is not gzipped; four times faster than a stream of it. */
function fileSource(handle: FileHandle, fileBytes: number): ByteSource {
  let position = 0;
  return {
    fileBytes,
    bytesRead: () => position,
    close: () => handle.close(),
    async read(target) {
      const { bytesRead } = await handle.read(
        target,
        0,
        target.length,
        position,
      );
      position += bytesRead;
      return bytesRead;
    },
  };
}

function streamSource(
  stream: AsyncIterable<Uint8Array | string>,
  file: string,
): ByteSource {
  let taken = 0;
  let rest: Uint8Array = new Uint8Array(0);
  const counted = watching(asBytes(stream), ({ length }) => taken += length);
  const pieces = unpacked(counted, file);
  return {
    bytesRead: () => taken,
    close: () => pieces.return(undefined),
    async read(target) {
      while (rest.length === 0) {
        const { done, value } = await pieces.next();
        if (done) return 0;
        rest = value;
      }
      const piece = rest.subarray(0, target.length);
      target.set(piece);
      rest = rest.subarray(piece.length);
      return piece.length;
    },
  };
}

async function* asBytes(
  pieces: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield typeof piece === "string" ? Buffer.from(piece) : piece;
  }
}

/** The pieces as they are, or unpacked if they begin like gzip. */
async function* unpacked(
  pieces: AsyncGenerator<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < HEAD_BYTES) {
    const { done, value } = await pieces.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const whole = resumed(head, pieces);
  if (!isGzip(head)) return yield* whole;
  let taken = 0, filled = 0;
  const watched = watching(whole, (piece) => {
    const length = lengthWithoutPadding(piece);
    if (length > 0) filled = taken + length;
    taken += piece.length;
  });
  const gunzip = createGunzip();
  try {
    // Whatever goes wrong before the unpacking is thrown by it, too.
    yield* pipeline(Readable.from(unclosed(watched)), gunzip, () => {});
    // At a zero behind its end it stops, and leaves the rest.
    for await (const _ of watched);
    if (filled > gunzip.bytesWritten) throw notGzip(file);
  } catch (error) {
    throw unpackingError(error, file);
  } finally {
    // Not waited for: a pipe may have been left open with nothing in it.
    watched.return(undefined).catch(() => {});
  }
}

/** The same pieces for a reader that may stop before the end. */
function unclosed<T>(pieces: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => pieces.next() }) };
}

async function* watching(
  pieces: AsyncIterable<Uint8Array>,
  see: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    see(piece);
    yield piece;
  }
}

async function* resumed(
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}

/** What zlib says becomes our own words; errors of the system stay theirs. */
function unpackingError(error: unknown, file: string): unknown {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== "string" || !code.startsWith("Z_")) return error;
  return new SyntaxError(
    `Cannot read ${file}: it begins like gzip but does not unpack (${
      error instanceof Error ? error.message : error
    })`,
  );
}
