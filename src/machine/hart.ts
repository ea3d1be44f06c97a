// The hart: runs a context in an address space until a trap.
import type { PageTable } from "./page-table.ts";
import type { Ram } from "./ram.ts";
export declare class Context {
  static create(ram: Ram): Context;
  free(): void;
  x(register: number): bigint;
  setX(register: number, value: bigint): void;
  xn(register: number): number;
  xs(register: number): number;
  xi(register: number): number;
  setXn(register: number, value: number): void;
  f(register: number): bigint;
  setF(register: number, value: bigint): void;
  pc: number;
  fcsr: number;
  copyFrom(other: Context): void;
}
export declare class Hart {
  constructor(ram: Ram);
  run(context: Context, table: PageTable, fuel: number): number;
  readonly faultAddress: number;
  readonly faultAccess: number;
  readonly retired: number;
}
