// The kernel's command line: words with and without a value, as a boot loader would give them. "sysctl.NAME=VALUE" sets
// a tunable, and some words are old names for one. Linux: Documentation/admin-guide/kernel-parameters.txt

import type { Kernel } from "./kernel.ts";
import { LOCKDOWN_LEVELS } from "./security/lockdown.ts";
import { tunables } from "./sysctl.ts";

export class CommandLine {
  readonly text: string;
  private readonly words = new Map<string, string | undefined>();

  constructor(text: string) {
    this.text = text;
    for (const [, name = "", value, quoted] of text.matchAll(/([^\s=]+)(?:=(?:"([^"]*)"|(\S*)))?/g)) {
      // Both spellings of a name are one: "print-fatal-signals" is "print_fatal_signals".
      this.words.set(name.replaceAll("-", "_"), value ?? quoted);
    }
  }
  /** Does the word occur, with or without a value? */
  has(name: string): boolean {
    return this.words.has(name);
  }
  get(name: string): string | undefined {
    return this.words.get(name);
  }
  /** A switch: on when it occurs without a value or with one that means yes; undefined when it does not occur. */
  flag(name: string): boolean | undefined {
    if (!this.has(name)) return undefined;
    return !/^(0|n|no|off|false)$/i.test(this.get(name) ?? "1");
  }
  entries(): Iterable<[string, string | undefined]> {
    return this.words;
  }
}

/** Words that set a tunable. */
const synonyms: Readonly<Record<string, string>> = {
  panic: "kernel/panic",
  panic_on_warn: "kernel/panic_on_warn",
  print_fatal_signals: "kernel/print-fatal-signals",
  softlockup_panic: "kernel/softlockup_panic",
  hung_task_panic: "kernel/hung_task_panic",
  watchdog_thresh: "kernel/watchdog_thresh",
};

/** Has the kernel heed its command line; what it does not know is left alone, as on Linux. */
export function applyCommandLine(kernel: Kernel): void {
  const { commandLine, sysctl, log } = kernel;
  const set = (name: string, value: string): void => {
    const tunable = tunables.find((each) => each.name.replaceAll("-", "_") === name.replaceAll("-", "_"));
    if (!tunable || !sysctl.set(tunable, value)) log.write(4, `Failed to set sysctl parameter '${name}=${value}'`);
  };
  for (const [name, value] of commandLine.entries()) {
    if (name.startsWith("sysctl.")) set(name.slice(7).replaceAll(".", "/"), value ?? "");
    else if (synonyms[name] !== undefined) set(synonyms[name], value ?? "1");
  }
  if (commandLine.get("oops") === "panic") set("kernel/panic_on_oops", "1");
  const level = commandLine.get("loglevel");
  if (level !== undefined && /^[0-9]+$/.test(level)) log.consoleLevel = Math.min(15, Number(level));
  if (commandLine.has("ignore_loglevel")) log.consoleLevel = 15;
  const lockdown = LOCKDOWN_LEVELS.indexOf(commandLine.get("lockdown") ?? "");
  if (lockdown > 0) kernel.lockdown.raise(lockdown, "command line");
  const enforce = commandLine.flag("module.sig_enforce");
  if (enforce !== undefined) kernel.modules.enforceSignatures = enforce;
}
