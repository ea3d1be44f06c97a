// What a client may ask of a machine with a name, and what it is told.

import type { Model } from "../../../src/observe/doctor/model.ts";

export interface ProcessLine {
  pid: number;
  ppid: number;
  uid: number;
  state: string;
  /** Nanoseconds of processor time. */
  time: number;
  command: string;
}

export interface MachineReport {
  name: string;
  image: string;
  command: string[];
  /** Milliseconds since 1970. */
  started: number;
  /** The process of the host that runs it. */
  host: number;
  /** Bytes of memory in use. */
  memory: number;
  processes: ProcessLine[];
}

export interface PerfRequest {
  verb: "perf";
  pids: number[];
  events: string[];
  /** To record; else it counts. */
  record?: { instructions: number; nanoseconds: number; every: number; calls: "none" | "dwarf" | "lbr" };
}

export type Request =
  | { verb: "report" }
  | { verb: "kill"; signal: number }
  | {
      verb: "exec";
      command: string[];
      env: Record<string, string>;
      cwd?: string;
      user?: string;
      interactive: boolean;
      tty?: { columns: number; rows: number };
    }
  | { verb: "strace"; flags: string[] }
  | PerfRequest
  | { verb: "doctor"; pid: number; seconds: number; model: Model };

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** A request that makes sense, or undefined. */
export function checkedRequest(value: unknown): Request | undefined {
  if (typeof value !== "object" || value === null || !("verb" in value)) return undefined;
  const request = value as Request & { verb: string };
  switch (request.verb) {
    case "report":
      return request;
    case "kill":
      return Number.isInteger(request.signal) ? request : undefined;
    case "exec":
      return isStrings(request.command) && request.command.length > 0 && typeof request.env === "object"
        ? request
        : undefined;
    case "perf":
      return Array.isArray(request.pids) && request.pids.every(Number.isInteger) && isStrings(request.events)
        ? request
        : undefined;
    case "strace":
      return isStrings(request.flags) ? request : undefined;
    case "doctor":
      return Number.isInteger(request.pid) && request.seconds > 0 && typeof request.model === "object"
        ? request
        : undefined;
    default:
      return undefined;
  }
}
