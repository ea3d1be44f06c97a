// `#!` lines. execve(2), "Interpreter scripts"
import { ENOEXEC, type Errno } from "../../abi/errno.ts";
import { fromBytes } from "../../lib/byte-string.ts";

export interface Script {
  interpreter: string;
  /** None or one: everything behind the interpreter's name, spaces included. */
  argument: readonly string[];
}

const NEWLINE = 10;
const BUFFER = 256;

/** Reads the first line of a script; undefined for what is none. Errors: ENOEXEC without an interpreter's name, or when
 *  the name does not fit into the head. */
export function parseScript(head: Uint8Array): Script | Errno | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  // The last byte of Linux's buffer stays zero.
  head = head.subarray(0, BUFFER - 1);
  const newline = head.indexOf(NEWLINE);
  const zero = head.indexOf(0);
  const whole = newline >= 0 || head.length < BUFFER - 1 || zero >= 0;
  const end = newline >= 0 ? newline : zero >= 0 ? zero : head.length;
  const line = fromBytes(head, 2, end).replace(/^[ \t]+|[ \t]+$/g, "");
  // A file of "#!" alone names an empty interpreter: the directory itself, which the caller can't execute.
  if (line === "" && newline < 0 && whole) return { interpreter: "", argument: [] };
  const match = /^([^ \t]+)(?:[ \t]+(.*))?$/s.exec(line);
  if (!match) return ENOEXEC;
  const [, interpreter = "", rest] = match;
  // A name that runs to the end of the buffer may be cut.
  if (!whole && rest === undefined) return ENOEXEC;
  return { interpreter, argument: rest ? [rest] : [] };
}
