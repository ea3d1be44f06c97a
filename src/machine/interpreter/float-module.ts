// The floating-point module: float(ptr) executes the record at ptr. Answers 1, or 0 when the reference must execute the
// instruction; nothing has happened then. It is generated when a program first needs it: many never do.
import type { FloatOperation, Format } from "../isa/row.ts";
import { Body, I32, ModuleBuilder, op } from "../wasm/encoder.ts";
import { emitFloat, type FloatLocals, type FloatOptions, floatLocals } from "./float.ts";
import { Emitter, type Frame, type Value } from "./operations.ts";
import { floatRows } from "./plan.ts";

const { i32, i64 } = op;

class FloatEmitter extends Emitter {
  readonly #locals: FloatLocals;
  readonly #options: FloatOptions;

  constructor(frame: Frame, locals: FloatLocals, options: FloatOptions) {
    super(frame, 4, true);
    this.#locals = locals;
    this.#options = options;
  }

  override float(operation: FloatOperation, format: Format, ...operands: Value[]): Value {
    const codes = operands.map((operand) => operand.code);
    return {
      code: emitFloat(this.frame.body, this.#locals, this.#options, operation, format, codes),
      condition: false,
    };
  }
}

/** The module for the register file at `file`; `fusedMadd`: the host's relaxed_madd is fused. */
export function generateFloat(file: number, fusedMadd: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const index = module.declare([I32], [I32], "float");
  const body = new Body(1);
  const ptr = 0;
  const none = -1;
  const locals = floatLocals(body);
  const miss = (): never => {
    throw new Error("a floating-point row accesses memory");
  };
  const frame: Frame = { body, file, ptr, va: none, entry: none, within: none, pc: i64.const(0), miss };
  body.block("reference", () => {
    body.block("done", () => {
      const cases = floatRows.map(({ row, rounding }) => () => {
        row.meaning(new FloatEmitter(frame, locals, { file, rounding, fusedMadd }));
        body.br("done");
      });
      body.dispatch(i32.load8_u(op.get(ptr), 4), cases, "reference");
    });
    // x0 may have been the destination.
    body.emit(i64.store(i32.const(0), file, i64.const(0)), i32.const(1), op.return);
  });
  body.emit(i32.const(0));
  module.define(index, body);
  return module.finish(65536);
}
