// perf annotate --stdio: a function's instructions with the share of its samples that each of them bears. perf-annotate(1)
import { disassemble } from "../../machine/disassemble.ts";
import { type Code, frameName, type Profile } from "./profile.ts";

interface Function {
  readonly name: string;
  readonly module: number;
  readonly start: number;
  total: number;
  /** Period by address. */
  readonly at: Map<number, number>;
}

/** The functions that samples of the event lie in, the most costly first. */
function functions(profile: Profile, event: number): Function[] {
  const found = new Map<string, Function>();
  const { samples, stacks } = profile;
  for (let i = 0; i < samples.event.length; i++) {
    if (samples.event[i] !== event || samples.stack[i]! < 0) continue;
    const frame = profile.frames[stacks.frame[samples.stack[i]!]!]!;
    if (frame.address === 0) continue;
    const key = `${frame.module} ${frame.start}`;
    let fn = found.get(key);
    if (!fn) {
      fn = { name: frameName(frame), module: frame.module, start: frame.start, total: 0, at: new Map() };
      found.set(key, fn);
    }
    fn.total += samples.period[i]!;
    fn.at.set(frame.address, (fn.at.get(frame.address) ?? 0) + samples.period[i]!);
  }
  return [...found.values()].sort((a, b) => b.total - a.total);
}

function listing(profile: Profile, fn: Function, code: Code): string[] {
  const bytes = Uint8Array.from(code.bytes.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const view = new DataView(bytes.buffer);
  const lines: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const low = view.getUint16(at, true);
    const length = (low & 3) === 3 && at + 4 <= bytes.length ? 4 : 2;
    const word = length === 4 ? view.getUint32(at, true) : low;
    const address = code.start + at;
    const period = fn.at.get(address);
    const share = period === undefined ? "" : ((100 * period) / fn.total).toFixed(2);
    const hex = word.toString(16).padStart(length * 2, "0");
    lines.push(
      `${share.padStart(8)} : ${address.toString(16).padStart(8)}:  ${hex.padEnd(8)}  ${disassemble(word, address)}`,
    );
    at += length;
  }
  return [
    ` Percent |      Source code & Disassembly of ${profile.modules[fn.module]!.path} for ${fn.name}`,
    "-".repeat(90),
    ...lines,
    "",
  ];
}

/** The named function, or all above a share of `limit` per cent. Throws a RangeError when the name was never met. */
export function annotateText(profile: Profile, event: number, name: string | undefined, limit: number): string {
  if (profile.stacks.calls) {
    throw new RangeError("an exact recording (-c 1) knows functions, not their instructions: take samples");
  }
  const all = functions(profile, event);
  const total = all.reduce((sum, fn) => sum + fn.total, 0);
  const wanted =
    name === undefined ? all.filter((fn) => (100 * fn.total) / total >= limit) : all.filter((fn) => fn.name === name);
  if (name !== undefined && wanted.length === 0) throw new RangeError(`no samples in ${name}`);
  const text: string[] = [];
  for (const fn of wanted) {
    const code = profile.code.find(({ module, start }) => module === fn.module && start === fn.start);
    if (code) text.push(...listing(profile, fn, code));
    else if (name !== undefined) throw new RangeError(`the instructions of ${name} are not in the recording`);
  }
  return text.join("\n");
}
