// Python's own functions, read from the interpreter's memory as it runs: CPython tells since 3.13 where in its structures
// what is (_Py_DebugOffsets, at the beginning of _PyRuntime). Nothing of the program has to cooperate.
import type { Task } from "../../kernel/task/task.ts";
import { toText } from "../../lib/byte-string.ts";
import type { Module } from "../symbols/modules.ts";
import { byteAt, intAt, wordAt } from "./unwinder.ts";

/** The C function that runs Python code: one for each entry into the interpreter. */
const EVALUATE = "_PyEval_EvalFrameDefault";
/** "debugpy", behind the first letter. */
const COOKIE = [0x78, 0x64, 0x65, 0x62, 0x75, 0x67, 0x70, 0x79];
const FIRST_VERSION = 0x030d0000;
/** Frames that an entry into the interpreter begins with, which are of no function (FRAME_OWNED_BY_CSTACK). */
const OWNED_BY_INTERPRETER = 3;
const LONGEST = 256;
const DEEPEST = 500;

/** Words of _Py_DebugOffsets, as 3.13 has them. */
const field = {
  interpretersHead: 5,
  interpreterNext: 8,
  threadsHead: 9,
  threadNext: 21,
  currentFrame: 23,
  nativeThread: 25,
  previous: 29,
  executable: 30,
  owner: 33,
  filename: 35,
  qualname: 37,
  firstLine: 39,
  unicodeLength: 69,
  unicodeAscii: 70,
} as const;

export interface PythonFunction {
  /** Its qualified name: "Parser.feed". */
  readonly name: string;
  readonly file: string;
  /** The line where it begins. */
  readonly line: number;
}

/** The interpreter of one program. */
class Interpreter {
  private readonly runtime: number;
  private readonly offsets: readonly number[];
  private readonly functions = new Map<number, PythonFunction & { qualname: number }>();

  constructor(runtime: number, offsets: readonly number[]) {
    this.runtime = runtime;
    this.offsets = offsets;
  }

  /** Undefined for a version that says nothing of itself. */
  static at(task: Task, runtime: number): Interpreter | undefined {
    if (COOKIE.some((byte, i) => byteAt(task, runtime + i) !== byte)) return undefined;
    const offsets = Array.from({ length: field.unicodeAscii + 1 }, (_, i) => wordAt(task, runtime + 8 * i) ?? 0);
    const version = offsets[1]!;
    // 3.14 has other fields.
    return version >= FIRST_VERSION && version < FIRST_VERSION + 0x10000
      ? new Interpreter(runtime, offsets)
      : undefined;
  }

  private word(task: Task, base: number, offset: keyof typeof field): number {
    return wordAt(task, base + this.offsets[field[offset]]!) ?? 0;
  }

  /** The thread's innermost frame. In a PID namespace its number is another: then there must be only one. */
  frame(task: Task): number {
    let interpreter = this.word(task, this.runtime, "interpretersHead");
    let only = 0;
    let threads = 0;
    for (let i = 0; interpreter !== 0 && i < DEEPEST; i++) {
      let thread = this.word(task, interpreter, "threadsHead");
      for (let k = 0; thread !== 0 && k < DEEPEST; k++) {
        if (this.word(task, thread, "nativeThread") === task.tid) return this.word(task, thread, "currentFrame");
        threads++;
        only = thread;
        thread = this.word(task, thread, "threadNext");
      }
      interpreter = this.word(task, interpreter, "interpreterNext");
    }
    return threads === 1 ? this.word(task, only, "currentFrame") : 0;
  }

  /** The functions of one entry into the interpreter, from `frame` on outwards, and the frame of the entry before. */
  entry(task: Task, frame: number, into: PythonFunction[]): number {
    for (let at = frame, i = 0; at !== 0 && i < DEEPEST; i++) {
      const previous = this.word(task, at, "previous");
      if ((byteAt(task, at + this.offsets[field.owner]!) ?? 0) >= OWNED_BY_INTERPRETER) return previous;
      const found = this.function(task, this.word(task, at, "executable"));
      if (found) into.push(found);
      at = previous;
    }
    return 0;
  }

  private function(task: Task, code: number): PythonFunction | undefined {
    const qualname = this.word(task, code, "qualname");
    const known = this.functions.get(code);
    if (known?.qualname === qualname) return known;
    const name = this.text(task, qualname);
    const file = this.text(task, this.word(task, code, "filename"));
    if (name === undefined || file === undefined) return undefined;
    const found = { name, file, line: intAt(task, code + this.offsets[field.firstLine]!) ?? 0, qualname };
    this.functions.set(code, found);
    return found;
  }

  /** A string of ASCII characters, as names mostly are; others are cut before the first that is not. */
  private text(task: Task, string: number): string | undefined {
    const length = this.word(task, string, "unicodeLength");
    if (string === 0 || length === 0) return undefined;
    const from = string + this.offsets[field.unicodeAscii]!;
    let bytes = "";
    for (let i = 0; i < Math.min(length, LONGEST); i++) {
      const byte = byteAt(task, from + i);
      if (byte === undefined || byte < 32 || byte > 126) break;
      bytes += String.fromCharCode(byte);
    }
    return bytes === "" ? undefined : toText(bytes);
  }
}

/** Finds Python's functions where a stack passes through its interpreter. */
export class PythonStacks {
  private readonly interpreters = new WeakMap<object, Interpreter | undefined>();
  /** Instructions of EVALUATE, by module. */
  private readonly evaluates = new WeakMap<Module, Map<number, boolean>>();

  /** Whether the place is in the function that runs Python code. */
  evaluatesAt(module: Module, address: number): boolean {
    if (module.pythonRuntime === 0) return false;
    let known = this.evaluates.get(module);
    if (!known) {
      known = new Map();
      this.evaluates.set(module, known);
    }
    let answer = known.get(address);
    if (answer === undefined) {
      answer = module.symbol(address)?.name === EVALUATE;
      known.set(address, answer);
    }
    return answer;
  }

  /** Walks the thread's frames, an entry at a time. `bias`: what an address of the module becomes in memory. */
  walk(task: Task, module: Module, bias: number): (() => PythonFunction[]) | undefined {
    const { mm } = task;
    if (!this.interpreters.has(mm)) this.interpreters.set(mm, Interpreter.at(task, module.pythonRuntime + bias));
    const interpreter = this.interpreters.get(mm);
    if (!interpreter) return undefined;
    let frame = interpreter.frame(task);
    return () => {
      const functions: PythonFunction[] = [];
      frame = interpreter.entry(task, frame, functions);
      return functions;
    };
  }
}
