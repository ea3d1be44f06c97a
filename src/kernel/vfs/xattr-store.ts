// Extended attributes kept in memory, for filesystems that have no other place for them. xattr(7)
import { EEXIST, ENODATA, EOPNOTSUPP, type Errno } from "../../abi/errno.ts";
import { XATTR_CREATE, XATTR_REPLACE } from "../../abi/fcntl.ts";

const known = (name: string): boolean =>
  name.startsWith("user.") || name.startsWith("trusted.") || name.startsWith("security.");

export class XattrStore {
  private readonly values = new Map<string, Uint8Array>();

  /** Errors: ENODATA, EOPNOTSUPP for namespaces that are not kept (ACLs). */
  get(name: string): Uint8Array | Errno {
    return known(name) ? (this.values.get(name) ?? ENODATA) : EOPNOTSUPP;
  }
  /** Errors: EEXIST with XATTR_CREATE, ENODATA with XATTR_REPLACE, EOPNOTSUPP. */
  set(name: string, value: Uint8Array, flags: number): Errno | 0 {
    if (!known(name)) return EOPNOTSUPP;
    const exists = this.values.has(name);
    if (exists && (flags & XATTR_CREATE) !== 0) return EEXIST;
    if (!exists && (flags & XATTR_REPLACE) !== 0) return ENODATA;
    this.values.set(name, value);
    return 0;
  }
  remove(name: string): Errno | 0 {
    if (!known(name)) return EOPNOTSUPP;
    return this.values.delete(name) ? 0 : ENODATA;
  }
  list(): string[] {
    return [...this.values.keys()];
  }
}
