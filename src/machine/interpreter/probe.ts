// Whether the host's f64x2.relaxed_madd is fused: the specification leaves that open, the answer holds for the process.
import { Body, F64, ModuleBuilder, op } from "../wasm/encoder.ts";
import { relaxedMadd } from "./float.ts";

/** 1 + 2^-30 squared, less 1 + 2^-29: 2^-60 when the product is not rounded. */
export function relaxedMaddIsFused(): boolean {
  known ??= probe();
  return known;
}
let known: boolean | undefined;

function probe(): boolean {
  const module = new ModuleBuilder();
  const madd = module.declare([F64, F64, F64], [F64], "madd");
  const body = new Body(3);
  body.emit(relaxedMadd(op.get(0), op.get(1), op.get(2)));
  module.define(madd, body);
  const bytes = module.finish(1);
  if (!WebAssembly.validate(bytes)) return false;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory } });
  const run = instance.exports.madd as (a: number, b: number, c: number) => number;
  const x = 1 + 2 ** -30;
  return run(x, x, -(1 + 2 ** -29)) === 2 ** -60;
}
