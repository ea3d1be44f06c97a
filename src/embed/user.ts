// Users as the guest's /etc/passwd and /etc/group know them.
import type { Kernel } from "../kernel/kernel.ts";
import { type Cred, userCred } from "../kernel/security/cred.ts";
import { GuestFiles } from "./files.ts";

export interface User {
  name: string;
  home: string;
  cred: Cred;
}

/** Finds "name", "uid", "name:group" or "uid:gid"; root when nothing is asked for. Throws one plain line for a name that
 *  the image does not know. */
export function findUser(kernel: Kernel, wanted = "0"): User {
  const files = new GuestFiles(kernel);
  const table = (path: string): string[][] =>
    files
      .text(path)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(":"));
  const [who = "0", group] = wanted.split(":");
  const passwd = table("/etc/passwd");
  const groups = table("/etc/group");
  const entry = passwd.find((row) => row[0] === who || row[2] === who);
  if (!entry && !/^\d+$/.test(who)) throw new RangeError(`no such user in the image: ${who}`);
  const uid = Number(entry?.[2] ?? who);
  let gid = Number(entry?.[3] ?? 0);
  if (group !== undefined) {
    const row = groups.find((each) => each[0] === group || each[2] === group);
    if (!row && !/^\d+$/.test(group)) throw new RangeError(`no such group in the image: ${group}`);
    gid = Number(row?.[2] ?? group);
  }
  const name = entry?.[0] ?? String(uid);
  const supplementary = groups
    .filter((row) => (row[3] ?? "").split(",").includes(name))
    .map((row) => Number(row[2]))
    .filter((each) => each !== gid);
  return { name, home: entry?.[5] ?? (uid === 0 ? "/root" : "/"), cred: userCred(uid, gid, supplementary) };
}
