// What was recorded, on its own: nothing in it refers to the machine, so that it can be kept in a file and read later.

export interface ProfileEvent {
  readonly name: string;
  readonly unit: "" | "ns";
  /** What lies between two samples, in the event's unit. */
  readonly period: number;
  /** The exact count: what all samples' periods come to. */
  total: number;
}

/** An instruction that was met in a stack. */
export interface Frame {
  /** Its function; "" where no symbol says. */
  readonly name: string;
  /** Index of its module. */
  readonly module: number;
  /** Address as the module has it. */
  readonly address: number;
  /** The function's first address; that of the instruction where there is no symbol. */
  readonly start: number;
  /** Where the function's source begins, "job.py:12": an interpreter's own functions. */
  readonly source?: string;
}

export interface ProfileModule {
  readonly path: string;
  readonly side: "user" | "kernel";
}

export interface Thread {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
}

/** Samples, one array a field. */
export interface Samples {
  readonly event: number[];
  readonly thread: number[];
  /** Nanoseconds since boot. */
  readonly time: number[];
  /** The instruction's address as the program had it; 0 in the kernel. */
  readonly ip: number[];
  readonly period: number[];
  /** A node of the stacks; -1 for none. */
  readonly stack: number[];
}

/** The instructions of a function that was met: annotate reads them. */
export interface Code {
  readonly module: number;
  readonly start: number;
  /** Hexadecimal. */
  readonly bytes: string;
}

export interface Profile {
  readonly version: 1;
  readonly command: readonly string[];
  readonly hostname: string;
  readonly release: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Nanoseconds. */
  duration: number;
  /** Whether samples have calls, or only where they were taken. */
  readonly calls: boolean;
  readonly events: ProfileEvent[];
  readonly modules: ProfileModule[];
  readonly frames: Frame[];
  /** A tree of calls: each node's parent (-1 for an outermost call) and frame. A parent is before its children. */
  readonly stacks: {
    readonly parent: number[];
    readonly frame: number[];
    /** How often each was called, where every call was seen. */
    readonly calls?: number[];
  };
  readonly threads: Thread[];
  readonly samples: Samples;
  readonly code: Code[];
}

/** Frames from the outermost to the innermost. */
export function framesOf(profile: Profile, stack: number): Frame[] {
  const frames: Frame[] = [];
  for (let node = stack; node >= 0; node = profile.stacks.parent[node]!) {
    frames.push(profile.frames[profile.stacks.frame[node]!]!);
  }
  return frames.reverse();
}

/** What a frame is called in texts: the function's address where it has no name. */
export const frameName = (frame: Frame): string => (frame.name === "" ? `0x${frame.start.toString(16)}` : frame.name);

export const isKernel = (profile: Profile, frame: Frame): boolean => profile.modules[frame.module]!.side === "kernel";

/** The last part of a module's path. */
export const moduleName = (profile: Profile, frame: Frame): string => {
  const { path } = profile.modules[frame.module]!;
  return path.slice(path.lastIndexOf("/") + 1);
};

/** The event that is meant: the first one, or the one of that name. Throws a RangeError. */
export function eventIndex(profile: Profile, name: string | undefined): number {
  if (name === undefined) return 0;
  const index = profile.events.findIndex((event) => event.name === name || event.name.replace(/:[uk]$/, "") === name);
  if (index < 0)
    throw new RangeError(`not recorded: ${name} (there is ${profile.events.map((e) => e.name).join(", ")})`);
  return index;
}

/** A profile from a file's text. Throws a RangeError for what is none. */
export function parseProfile(text: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError("not a recording of airside perf record");
  }
  const profile = value as Partial<Profile> | null;
  if (typeof profile !== "object" || profile?.version !== 1 || !profile.samples || !profile.stacks) {
    throw new RangeError("not a recording of airside perf record, or one of another version");
  }
  return profile as Profile;
}
