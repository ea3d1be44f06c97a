// pprof's profile.proto, not yet compressed. https://github.com/google/pprof/blob/main/proto/profile.proto
import { frameName, framesOf, type Profile } from "./profile.ts";

/** Protocol buffers as far as they are needed: numbers, and bytes with a length in front. */
class Message {
  private readonly parts: number[] = [];

  private varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.parts.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.parts.push(rest);
  }
  /** A number that is not negative. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.varint(field * 8);
    this.varint(value);
    return this;
  }
  bytes(field: number, bytes: ArrayLike<number>): this {
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.parts.push(bytes[i]!);
    return this;
  }
  message(field: number, message: Message): this {
    return this.bytes(field, message.parts);
  }
  packed(field: number, values: readonly number[]): this {
    const packed = new Message();
    for (const value of values) packed.varint(value);
    return this.message(field, packed);
  }
  finish(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.parts);
  }
}

export function pprofBytes(profile: Profile): Uint8Array<ArrayBuffer> {
  const strings = [""];
  const stringIndex = new Map([["", 0]]);
  const text = (value: string): number => {
    let index = stringIndex.get(value);
    if (index === undefined) {
      index = strings.length;
      strings.push(value);
      stringIndex.set(value, index);
    }
    return index;
  };
  const out = new Message();
  const type = (name: string, unit: string): Message => new Message().number(1, text(name)).number(2, text(unit));
  for (const { name, unit } of profile.events) out.message(1, type(name, unit === "ns" ? "nanoseconds" : "count"));

  // The same stack in the same thread is one sample with several values.
  const merged = new Map<string, { stack: number; thread: number; values: number[] }>();
  const { samples } = profile;
  for (let i = 0; i < samples.event.length; i++) {
    const [stack, thread] = [samples.stack[i]!, samples.thread[i]!];
    const key = `${stack} ${thread}`;
    let sample = merged.get(key);
    if (!sample) {
      sample = { stack, thread, values: profile.events.map(() => 0) };
      merged.set(key, sample);
    }
    sample.values[samples.event[i]!]! += Math.round(samples.period[i]!);
  }
  const frameIndex = new Map(profile.frames.map((frame, i) => [frame, i]));
  for (const { stack, thread, values } of merged.values()) {
    const { pid, tid, comm } = profile.threads[thread]!;
    const ids = framesOf(profile, stack)
      .reverse()
      .map((frame) => frameIndex.get(frame)! + 1);
    const label = (key: string): Message => new Message().number(1, text(key));
    const sample = new Message().packed(1, ids).packed(2, values);
    sample.message(3, label("comm").number(2, text(comm)));
    sample.message(3, label("pid").number(3, pid)).message(3, label("tid").number(3, tid));
    out.message(2, sample);
  }
  profile.modules.forEach(({ path }, i) => {
    // has_functions
    out.message(
      3,
      new Message()
        .number(1, i + 1)
        .number(5, text(path))
        .number(7, 1),
    );
  });
  const functions = new Map<string, number>();
  const functionMessages: Message[] = [];
  profile.frames.forEach((frame, i) => {
    const key = `${frame.module} ${frameName(frame)} ${frame.source ?? ""}`;
    let id = functions.get(key);
    if (id === undefined) {
      id = functions.size + 1;
      functions.set(key, id);
      const name = text(frameName(frame));
      const source = frame.source ?? profile.modules[frame.module]!.path;
      const [, file, line] = /^(.*?)(?::(\d+))?$/.exec(source)!;
      const message = new Message().number(1, id).number(2, name).number(3, name).number(4, text(file!));
      functionMessages.push(message.number(5, Number(line ?? 0)));
    }
    const location = new Message()
      .number(1, i + 1)
      .number(2, frame.module + 1)
      .number(3, frame.address);
    out.message(4, location.message(4, new Message().number(1, id)));
  });
  for (const message of functionMessages) out.message(5, message);
  const first = profile.events[0]!;
  const period = type(first.name, first.unit === "ns" ? "nanoseconds" : "count");
  for (const value of strings) out.bytes(6, new TextEncoder().encode(value));
  out.number(9, profile.started * 1e6).number(10, Math.round(profile.duration));
  return out.message(11, period).number(12, first.period).finish();
}
