// A new program's stack: strings, auxiliary vector, environment and arguments, as the psABI and glibc expect them.

import { AT_EXECFN, AT_NULL, AT_RANDOM } from "../../abi/elf.ts";
import { E2BIG, EFAULT, ENOMEM, type Errno } from "../../abi/errno.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "../../abi/flags.ts";
import { toBytes } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { map } from "../mm/map.ts";
import type { UserAddress } from "../mm/user.ts";

/** One argument or variable is at most this long (MAX_ARG_STRLEN). */
export const MAX_ARG_STRLEN = 32 * PAGE_SIZE;

/** The memory that strings and pointers may take: a quarter of the stack limit, between 128 KiB and 6 MiB. execve(2) */
export function argumentLimit(stackLimit: number): number {
  return Math.max(Math.min(6 << 20, stackLimit / 4), 128 << 10);
}

/** Bytes that strings and their pointers take together. */
export function argumentSize(argv: readonly string[], envp: readonly string[]): number {
  let size = 0;
  for (const text of argv) size += text.length + 9;
  for (const text of envp) size += text.length + 9;
  return size;
}

export interface NewStack {
  top: number;
  argv: readonly string[];
  envp: readonly string[];
  execfn: string;
  random: Uint8Array;
  /** Pairs, without AT_RANDOM, AT_EXECFN and AT_NULL: they come with their addresses from here. */
  auxv: readonly (readonly [number, number])[];
  executable: boolean;
}

/** Maps and fills the stack. The result is the stack pointer. Errors: E2BIG, ENOMEM. */
export function buildStack(mm: AddressSpace, stack: NewStack): number | Errno {
  const { argv, envp } = stack;
  const size = argumentSize(argv, envp);
  const length = Math.ceil((size + 128 * 1024) / PAGE_SIZE) * PAGE_SIZE;
  const prot = PROT_READ | PROT_WRITE | (stack.executable ? PROT_EXEC : 0);
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN;
  const mapped = map(mm, { address: stack.top - length, length, prot, flags, name: "[stack]" });
  if (mapped < 0) return mapped === ENOMEM ? ENOMEM : E2BIG;

  // Strings at the top, as Linux lays them: execfn last, before it the environment, before that the arguments.
  let text = "";
  const offsets: number[] = [];
  for (const string of argv) {
    offsets.push(text.length);
    text += `${string}\0`;
  }
  const environment = text.length;
  for (const string of envp) {
    offsets.push(text.length);
    text += `${string}\0`;
  }
  const execfn = text.length;
  text += `${stack.execfn}\0`;
  const strings = stack.top - 8 - text.length;
  const random = strings - 16 - (strings % 16);

  const words: number[] = [argv.length];
  for (let i = 0; i < argv.length; i++) words.push(strings + offsets[i]!);
  words.push(0);
  for (let i = 0; i < envp.length; i++) words.push(strings + offsets[argv.length + i]!);
  words.push(0);
  const auxStart = words.length;
  for (const [key, value] of stack.auxv) words.push(key, value);
  words.push(AT_RANDOM, random, AT_EXECFN, strings + execfn, AT_NULL, 0);

  const sp = random - words.length * 8 - ((random - words.length * 8) % 16);
  const halves = new Uint32Array(words.length * 2);
  for (let i = 0; i < words.length; i++) {
    halves[i * 2] = words[i]!;
    halves[i * 2 + 1] = Math.floor(words[i]! / 0x1_0000_0000);
  }
  const bytes = new Uint8Array(halves.buffer);
  if (mm.write(strings as UserAddress, toBytes(text)) < 0) return EFAULT;
  if (mm.write(random as UserAddress, stack.random) < 0) return EFAULT;
  if (mm.write(sp as UserAddress, bytes) < 0) return EFAULT;
  mm.argStart = strings;
  mm.argEnd = strings + environment;
  mm.envStart = mm.argEnd;
  mm.envEnd = strings + execfn;
  mm.startStack = sp;
  mm.auxv = bytes.slice(auxStart * 8);
  return sp;
}
