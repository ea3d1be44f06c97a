// proc's mount options: who sees whose processes. proc(5), "Mount options"
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { mayRead } from "../../security/ptrace-access.ts";
import type { Task } from "../../task/task.ts";

/** Nobody may enter other users' directories; they are not seen at all; only who may trace a process sees it. */
export const HIDEPID_OFF = 0;
export const HIDEPID_NO_ACCESS = 1;
export const HIDEPID_INVISIBLE = 2;
export const HIDEPID_NOT_PTRACEABLE = 4;

const HIDEPID_NAMES = new Map([
  ["off", HIDEPID_OFF],
  ["noaccess", HIDEPID_NO_ACCESS],
  ["invisible", HIDEPID_INVISIBLE],
  ["ptraceable", HIDEPID_NOT_PTRACEABLE],
]);

export interface ProcOptions {
  hidepid: number;
  /** Whose members see everything, but with HIDEPID_NOT_PTRACEABLE. */
  gid: number;
  /** subset=pid: nothing but processes. */
  pidOnly: boolean;
}

/** Parses "hidepid=invisible,gid=100" over the values given. Errors: EINVAL. */
export function parseProcOptions(data: string, options: ProcOptions): 0 | Errno {
  for (const part of data.split(",")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const key = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? "" : part.slice(equals + 1);
    if (key === "gid" && /^\d+$/.test(value) && Number(value) <= 0xffffffff) options.gid = Number(value);
    else if (key === "hidepid") {
      const level =
        HIDEPID_NAMES.get(value) ?? ([0, 1, 2, 4].includes(Number(value || "-1")) ? Number(value) : undefined);
      if (level === undefined) return EINVAL;
      options.hidepid = level;
    } else if (key === "subset" && value === "pid") options.pidOnly = true;
    else return EINVAL;
  }
  return 0;
}

/** As /proc/mounts shows them. */
export function showProcOptions({ hidepid, gid, pidOnly }: ProcOptions): string {
  const parts: string[] = [];
  if (gid !== 0) parts.push(`gid=${gid}`);
  const name = [...HIDEPID_NAMES].find(([, level]) => level === hidepid)?.[0];
  if (hidepid !== HIDEPID_OFF) parts.push(`hidepid=${name}`);
  if (pidOnly) parts.push("subset=pid");
  return parts.join(",");
}

/** Does a mount with these options show `target` to `reader`, where it hides from `least` on? */
export function showsProcess(options: ProcOptions, reader: Task | undefined, target: Task, least: number): boolean {
  const { hidepid, gid } = options;
  if (hidepid !== HIDEPID_NOT_PTRACEABLE) {
    if (hidepid < least) return true;
    if (!reader || reader.cred.inGroup(gid)) return true;
  }
  return mayRead(reader, target);
}
