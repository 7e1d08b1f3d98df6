/**
 * Commands that a person can copy: arguments quoted for a shell.
 *
 * @module
 */

const PLAIN = /^[\w@%+=:,./-]+$/;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Quotes one argument so that sh, bash and zsh read it as it is. Only where it
 * holds control or other invisible characters, which would act on the terminal
 * that shows it, does it take the `$'…'` that bash and zsh know.
 *
 * @param text The argument.
 * @returns The argument, quoted where it must be.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { shellQuote } from "lib/commands/shell_quote.ts";
 *
 * assert.equal(shellQuote("logs/a.csv"), "logs/a.csv");
 * assert.equal(shellQuote("it's.csv"), `'it'\\''s.csv'`);
 * ```
 */
export function shellQuote(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!UNSAFE.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const letters = Array.from(text, (letter) => {
    if (letter === "'" || letter === "\\") return `\\${letter}`;
    return UNSAFE.test(letter) ? escapeBytes(letter) : letter;
  });
  return `$'${letters.join("")}'`;
}

function escapeBytes(letter: string): string {
  return Array.from(
    new TextEncoder().encode(letter),
    (byte) => `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}
