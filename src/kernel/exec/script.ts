// `#!` lines. execve(2), "Interpreter scripts"
import { ENOEXEC, type Errno } from "../../abi/errno.ts";
import { fromBytes } from "../../lib/byte-string.ts";

export interface Script {
  interpreter: string;
  /** None or one: everything behind the interpreter's name, spaces included. */
  argument: readonly string[];
}

const NEWLINE = 10;

/** Reads the first line of a script; undefined for what is none. Errors: ENOEXEC without an interpreter's name, or when
 *  the name does not fit into the head. */
export function parseScript(head: Uint8Array): Script | Errno | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const newline = head.indexOf(NEWLINE);
  const zero = head.indexOf(0);
  const whole = newline >= 0 || head.length < 256 || zero >= 0;
  const end = newline >= 0 ? newline : zero >= 0 ? zero : head.length;
  const line = fromBytes(head, 2, end).replace(/^[ \t]+|[ \t]+$/g, "");
  const match = /^([^ \t]+)(?:[ \t]+(.*))?$/s.exec(line);
  if (!match) return ENOEXEC;
  const [, interpreter = "", rest] = match;
  // A name that runs to the end of the buffer may be cut.
  if (!whole && rest === undefined) return ENOEXEC;
  return { interpreter, argument: rest ? [rest] : [] };
}
