// The page-table walks of the interpreter, in WebAssembly: they fill TLB entries, and set A and D as hardware does.

import { FILE_FILLED, FILE_FILLS, FILE_ROOT, MOST_FILLED } from "../context.ts";
import {
  PTE_A,
  PTE_D,
  PTE_R,
  PTE_V,
  PTE_W,
  PTE_X,
  TLB_EXECUTE,
  TLB_READ,
  TLB_WRITE,
  type TlbPart,
} from "../page-table.ts";
import { CODE_WRITTEN } from "../ram.ts";
import { Body, type Code, I32, type ModuleBuilder, op } from "../wasm/encoder.ts";
import { tlbEntry, tlbPart } from "./tlb.ts";

const { i32, i64 } = op;

export const REFUSED = 0;
export const FILLED = 1;
export const ACROSS = 2;
export const NO_MEMORY = 3;

/** Emits the walk: afterwards `at` holds the entry's address and `pte` the entry; returns 0 where there is none. */
function walk(body: Body, file: number, va: Code, at: number, pte: number): void {
  const fail = [...i32.const(REFUSED), ...op.return];
  const low = i32.wrap(va);
  body.when(i64.ne(i64.shr_u(va, i64.const(38)), i64.const(0)), () => body.emit(fail));
  const rootIndex = i32.shl(i32.wrap(i64.shr_u(va, i64.const(32))), i32.const(2));
  body.emit(op.set(at, i32.load(i32.add(i32.load(i32.const(0), file + FILE_ROOT), rootIndex), 0)));
  body.when(i32.eqz(op.get(at)), () => body.emit(fail));
  body.emit(op.set(at, i32.load(i32.add(op.get(at), i32.shl(i32.shr_u(low, i32.const(22)), i32.const(2))), 0)));
  body.when(i32.eqz(op.get(at)), () => body.emit(fail));
  body.emit(op.set(at, i32.add(op.get(at), i32.and(i32.shr_u(low, i32.const(10)), i32.const(0xffc)))));
  body.emit(op.set(pte, i32.load(op.get(at), 0)));
}

/** Notes that the TLB's entry at `at` holds something. `count` is a local to work with. */
function note(body: Body, file: number, at: Code, count: number): void {
  const none = i32.const(0);
  body.emit(op.set(count, i32.load(none, file + FILE_FILLS)));
  body.emit(i32.store(none, file + FILE_FILLS, i32.add(op.get(count), i32.const(1))));
  body.when(i32.lt_u(op.get(count), i32.const(MOST_FILLED)), () =>
    body.emit(i32.store(i32.shl(op.get(count), i32.const(2)), file + FILE_FILLED, at)),
  );
}

/** Stores `flags` into the entry unless it has them. */
function mark(body: Body, at: number, pte: number, flags: number): void {
  body.when(i32.ne(i32.and(op.get(pte), i32.const(flags)), i32.const(flags)), () =>
    body.emit(i32.store(op.get(at), 0, i32.or(op.get(pte), i32.const(flags)))),
  );
}

/**
 * refill(va, write): FILLED when the entry now permits the access, REFUSED, or ACROSS, which is a miss although the page
 * is there: the access goes on in the next.
 */
export function defineRefill(
  module: ModuleBuilder,
  index: number,
  file: number,
  codeTable: number,
  suspect: number,
): void {
  const body = new Body(2);
  const va = op.get(0);
  const write = op.get(1);
  const at = body.local(I32);
  const pte = body.local(I32);
  const entry = body.local(I32);
  const page = i64.sub(i64.const(0), i64.and(va, i64.const(-4096)));
  const slot = (part: TlbPart) => i32.add(tlbEntry(part, va), i32.const(tlbPart(part, file)));
  body.emit(op.set(entry, op.select(slot(TLB_WRITE), slot(TLB_READ), write)));
  body.when(i64.eq(i64.load(op.get(entry), 0), page), () => body.emit(i32.const(ACROSS), op.return));
  walk(body, file, va, at, pte);
  const needed = op.select(i32.const(PTE_V | PTE_W), i32.const(PTE_V | PTE_R), write);
  body.when(i32.ne(i32.and(op.get(pte), needed), needed), () => body.emit(i32.const(REFUSED), op.return));
  body.when(
    write,
    () => {
      mark(body, at, pte, PTE_A | PTE_D);
      // The frame's word in the code table learns that it may be written.
      const word = i32.shl(i32.shr_u(op.get(pte), i32.const(12)), i32.const(2));
      body.emit(op.set(at, i32.load(word, codeTable)));
      body.when(i32.eqz(i32.and(op.get(at), i32.const(CODE_WRITTEN))), () => {
        body.emit(i32.store(word, codeTable, i32.or(op.get(at), i32.const(CODE_WRITTEN))));
        body.when(op.get(at), () => body.emit(op.call(suspect, op.get(pte))));
      });
    },
    () => mark(body, at, pte, PTE_A),
  );
  body.emit(i64.store(op.get(entry), 0, page));
  note(body, file, op.get(entry), at);
  body.emit(i32.store(op.get(entry), 8, i32.and(op.get(pte), i32.const(-4096))));
  body.emit(i32.const(FILLED));
  module.define(index, body);
}

/** fetch(va, entry): FILLED when the execute entry now holds the page's block of code, REFUSED, or NO_MEMORY for one. */
export function defineFetch(
  module: ModuleBuilder,
  index: number,
  file: number,
  codeTable: number,
  makeBlock: number,
): void {
  const body = new Body(2);
  const va = op.get(0);
  const entry = op.get(1);
  const at = body.local(I32);
  const pte = body.local(I32);
  const refused = [...i32.const(REFUSED), ...op.return];
  walk(body, file, va, at, pte);
  const needed = i32.const(PTE_V | PTE_X);
  body.when(i32.ne(i32.and(op.get(pte), needed), needed), () => body.emit(refused));
  mark(body, at, pte, PTE_A);
  const word = i32.shl(i32.shr_u(op.get(pte), i32.const(12)), i32.const(2));
  body.emit(op.set(at, i32.and(i32.load(word, codeTable), i32.const(~15))));
  body.when(i32.eqz(op.get(at)), () => {
    body.emit(op.set(at, op.call(makeBlock, i32.and(op.get(pte), i32.const(-4096)))));
    body.when(i32.eqz(op.get(at)), () => body.emit(i32.const(NO_MEMORY), op.return));
  });
  const part = tlbPart(TLB_EXECUTE, file);
  note(body, file, i32.add(entry, i32.const(part)), pte);
  body.emit(i64.store(entry, part, i64.and(va, i64.const(-4096))));
  body.emit(i32.store(entry, part + 8, op.get(at)));
  body.emit(i32.const(FILLED));
  module.define(index, body);
}
