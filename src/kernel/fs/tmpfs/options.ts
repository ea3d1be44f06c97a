// tmpfs's mount options. tmpfs(5)
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { INVALID_ID, type UserNamespace } from "../../namespace/user.ts";

export interface TmpfsOptions {
  /** Pages; Infinity for no limit. */
  blocks: number;
  inodes: number;
  mode: number | undefined;
  uid: number | undefined;
  gid: number | undefined;
}

/** Bytes with a suffix k, m, g, t, or a percentage of RAM. undefined when malformed. */
function bytes(text: string, ram: number): number | undefined {
  const match = /^(0[xX][0-9a-fA-F]+|\d+)([kKmMgGtTpPeE%]?)$/.exec(text);
  if (!match) return undefined;
  const number = Number(match[1]);
  const suffix = match[2]!.toLowerCase();
  if (suffix === "%") return (ram * number) / 100;
  return number * 1024 ** ("kmgtpe".indexOf(suffix || "-") + 1);
}

/** Parses "size=50%,mode=1777" over the values given. `ram` in bytes; `ids`: whose numbers owners are. Errors: EINVAL. */
export function parseOptions(data: string, ram: number, ids: UserNamespace, options: TmpfsOptions): Errno | 0 {
  for (const part of data.split(",")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const key = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? "" : part.slice(equals + 1);
    switch (key) {
      case "size":
      case "nr_blocks": {
        const number = bytes(value, ram);
        if (number === undefined) return EINVAL;
        const pages = key === "size" ? Math.ceil(number / 4096) : number;
        options.blocks = pages === 0 ? Number.POSITIVE_INFINITY : pages;
        break;
      }
      case "nr_inodes": {
        const number = bytes(value, ram);
        if (number === undefined || value.endsWith("%")) return EINVAL;
        options.inodes = number === 0 ? Number.POSITIVE_INFINITY : number;
        break;
      }
      case "mode":
        if (!/^[0-7]+$/.test(value)) return EINVAL;
        options.mode = Number.parseInt(value, 8) & 0o7777;
        break;
      case "uid":
      case "gid":
        if (!/^\d+$/.test(value)) return EINVAL;
        options[key] = key === "uid" ? ids.uid(Number(value)) : ids.gid(Number(value));
        if (options[key] === INVALID_ID) return EINVAL;
        break;
      // Nothing here swaps, has huge pages or several nodes of memory: said and done.
      case "huge":
      case "mpol":
      case "inode32":
      case "inode64":
      case "noswap":
        break;
      default:
        return EINVAL;
    }
  }
  return 0;
}
