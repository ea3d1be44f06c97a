// Code of kernel modules: a context of its own, without Node's globals. It keeps mistakes in, not malice: whoever is
// handed the kernel's objects can reach all that they reach. docs/modules.md
import type { Context, Script } from "node:vm";

interface Exporting {
  exports: unknown;
}

export function compile(code: string, name: string): (() => unknown) | undefined {
  const vm = process.getBuiltinModule("node:vm");
  let script: Script;
  try {
    script = new vm.Script(`(function (module, exports) {${code}\n})`, { filename: name });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return () => {
    const context: Context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
    const run = script.runInContext(context) as (module: Exporting, exports: unknown) => void;
    const module: Exporting = { exports: {} };
    run(module, module.exports);
    return module.exports;
  };
}
