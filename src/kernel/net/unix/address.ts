// struct sockaddr_un and the names that it carries. A name is a byte string: a path, or for the abstract namespace one
// that starts with NUL. unix(7)
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { AF_UNIX, familyOf, SOCKADDR_UN_SIZE } from "../../../abi/socket.ts";
import { fromBytes } from "../../../lib/byte-string.ts";

export const isAbstract = (name: string): boolean => name.charCodeAt(0) === 0;

/** The name in an address; "" asks for autobind. Errors: EINVAL. */
export function parseAddress(address: Uint8Array): string | Errno {
  if (address.length < 2 || address.length > SOCKADDR_UN_SIZE || familyOf(address) !== AF_UNIX) return EINVAL;
  if (address.length === 2) return "";
  const name = fromBytes(address, 2);
  if (isAbstract(name)) return name;
  const end = name.indexOf("\0");
  return end < 0 ? name : name.slice(0, end);
}

/** The sockaddr of a name; of an unnamed socket only the family. */
export function formatAddress(name: string | undefined): Uint8Array {
  if (name === undefined) return unnamed.slice();
  const path = isAbstract(name) ? 0 : 1;
  const address = new Uint8Array(2 + name.length + path);
  address[0] = AF_UNIX;
  for (let i = 0; i < name.length; i++) address[2 + i] = name.charCodeAt(i);
  return address;
}

const unnamed = new Uint8Array([AF_UNIX, 0]);
