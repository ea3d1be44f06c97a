// Letting a module in, and out again. The order of the checks is Linux's: signature, format, version, name, symbols,
// parameters; only then its code runs. init_module(2), delete_module(2); Linux: kernel/module/main.c
import { EBUSY, EEXIST, EINVAL, EIO, ENOENT, ENOEXEC, EPERM, type Errno, EWOULDBLOCK } from "../../abi/errno.ts";
import { MODULE_INIT_IGNORE_MODVERSIONS, MODULE_INIT_IGNORE_VERMAGIC, readModule } from "../../abi/module.ts";
import { VERMAGIC } from "../../abi/version.ts";
import {
  TAINT_FORCED_MODULE,
  TAINT_OOT_MODULE,
  TAINT_PROPRIETARY_MODULE,
  TAINT_UNSIGNED_MODULE,
} from "../crash/taint.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { moduleKernel } from "./api.ts";
import { Module, type ModuleCode } from "./module.ts";
import { parseArguments, setParameter } from "./parameters.ts";
import { checkSignature } from "./signature.ts";

const IGNORE = MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC;

/** Licences that go with the kernel's own. Linux: license_is_gpl_compatible() */
const FREE: ReadonlySet<string> = new Set([
  "GPL",
  "GPL v2",
  "GPL and additional rights",
  "Dual BSD/GPL",
  "Dual MIT/GPL",
  "Dual MPL/GPL",
  // The kernel's own.
  "MIT",
]);

/** Errors: EKEYREJECTED, EBADMSG, EPERM (signature.ts); ENOEXEC: no module, or for another kernel; EEXIST: loaded already;
 *  EBUSY: one of its name is on its way; ENOENT: an unknown symbol; EINVAL: a parameter; and what its init answers. */
export function loadModule(task: Task, file: Uint8Array, args: () => string | Errno, flags: number): 0 | Errno {
  const { kernel } = task;
  const { log, modules, commandLine } = kernel;
  const checked = checkSignature(task, file, (flags & IGNORE) !== 0);
  if (typeof checked === "number") return checked;
  const parsed = readModule(checked.content);
  if (typeof parsed === "number") return parsed;
  const module = new Module(parsed, file.length);
  if (commandLine.get("module_blacklist")?.split(",").includes(module.name)) {
    log.write(3, `Module ${module.name} is blacklisted`);
    return EPERM;
  }
  const wrong = checkVersion(kernel, module, flags);
  if (wrong !== 0) return wrong;
  const loaded = modules.get(module.name);
  if (loaded) return loaded.state === "live" ? EEXIST : EBUSY;
  const symbols = resolve(kernel, module);
  if (typeof symbols === "number") return symbols;
  const text = args();
  if (typeof text === "number") return text;
  if (!checked.signed) {
    log.write(5, `${module.name}: module verification failed: signature and/or required key missing - tainting kernel`);
    taint(kernel, module, TAINT_UNSIGNED_MODULE);
  }
  noteLicence(kernel, module);
  modules.add(module);
  const result = start(kernel, module, text, symbols);
  if (result !== 0) {
    // Not to be reached again by anything that it has registered.
    module.state = "going";
    modules.remove(module);
    return result;
  }
  module.state = "live";
  for (const used of module.uses) used.users.add(module);
  return 0;
}

function taint({ taints }: Kernel, module: Module, bit: number): void {
  taints.add(bit);
  module.taints |= 1 << bit;
}

/** Errors: ENOEXEC. */
function checkVersion(kernel: Kernel, module: Module, flags: number): 0 | Errno {
  const magic = module.info("vermagic");
  if ((flags & MODULE_INIT_IGNORE_VERMAGIC) !== 0) {
    kernel.log.write(4, `${module.name}: bad vermagic: kernel tainted.`);
    taint(kernel, module, TAINT_FORCED_MODULE);
    return 0;
  }
  if (magic === VERMAGIC) return 0;
  kernel.log.write(3, `${module.name}: version magic '${magic ?? ""}' should be '${VERMAGIC}'`);
  return ENOEXEC;
}

function noteLicence(kernel: Kernel, module: Module): void {
  if (module.info("intree") === undefined) {
    kernel.log.write(4, `${module.name}: loading out-of-tree module taints kernel.`);
    taint(kernel, module, TAINT_OOT_MODULE);
  }
  const licence = module.info("license") ?? "unspecified";
  if (FREE.has(licence)) return;
  kernel.log.write(4, `${module.name}: module license '${licence}' taints kernel.`);
  taint(kernel, module, TAINT_PROPRIETARY_MODULE);
}

/** Symbols that it asks for, each called only as long as its owner may be. Errors: ENOENT; ENOEXEC: it exports what
 *  another does. */
function resolve({ modules, log }: Kernel, module: Module): Record<string, unknown> | Errno {
  const symbols: Record<string, unknown> = {};
  for (const name of module.file.exports) {
    const owner = modules.exporter(name);
    if (!owner) continue;
    log.write(3, `${module.name}: exports duplicate symbol ${name} (owned by ${owner.name})`);
    return ENOEXEC;
  }
  for (const name of module.file.imports) {
    const owner = modules.exporter(name);
    if (!owner) {
      log.write(4, `${module.name}: Unknown symbol ${name} (err ${ENOENT})`);
      return ENOENT;
    }
    module.uses.add(owner);
    const value = owner.code.symbols?.[name];
    symbols[name] =
      typeof value === "function" ? guardedSymbol(owner, value as (...args: unknown[]) => unknown) : value;
  }
  return symbols;
}

const guardedSymbol =
  (owner: Module, value: (...args: unknown[]) => unknown) =>
  (...args: unknown[]): unknown =>
    owner.usable ? value(...args) : EIO;

/** Its code is evaluated, its parameters set, its init called. An exception in any of it is an oops (crash/oops.ts). */
function start(kernel: Kernel, module: Module, args: string, symbols: Record<string, unknown>): 0 | Errno {
  const { host, log } = kernel;
  if (!host.compile) {
    log.write(3, `${module.name}: this host runs no modules`);
    return ENOEXEC;
  }
  const run = host.compile(module.file.code, `module:${module.name}`);
  if (!run) return ENOEXEC;
  const code = run() as ModuleCode;
  module.code = code;
  if (code.init !== undefined && typeof code.init !== "function") return ENOEXEC;
  for (const [name, value] of parseArguments(args)) {
    const parameter = code.parameters?.[name];
    if (!parameter) {
      log.write(4, `${module.name}: unknown parameter '${name}' ignored`);
    } else if (setParameter(parameter, value) !== 0) {
      log.write(3, `${module.name}: \`${value ?? ""}' invalid for parameter \`${name}'`);
      return EINVAL;
    }
  }
  const result = code.init?.(moduleKernel(kernel, module, symbols)) ?? 0;
  if (result > 0)
    log.write(4, `${module.name}: init suspiciously returned ${result}, it should follow 0/-E convention`);
  return result < 0 ? (result as Errno) : 0;
}

/** Errors: ENOENT; EWOULDBLOCK: it is in use; EBUSY: it is not live, or has no exit. */
export function unloadModule({ kernel }: Task, name: string): 0 | Errno {
  const { modules } = kernel;
  const module = modules.get(name);
  if (!module) return ENOENT;
  if (module.users.size > 0) return EWOULDBLOCK;
  // One that was disabled after an exception can be removed once nobody uses it; its own exit is not called any more.
  const disabled = module.state === "going";
  if (module.state === "coming" || (!disabled && module.permanent)) return EBUSY;
  if (module.references > 0) return EWOULDBLOCK;
  module.state = "going";
  if (!disabled) module.code.exit?.();
  modules.remove(module);
  return 0;
}
