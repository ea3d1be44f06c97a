// Socket addresses and messages.
import { flagNames, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import { bytesOf, type Call, int, isError, peek } from "./call.ts";
import { descriptor } from "./descriptors.ts";
import { buffer, list, quote } from "./text.ts";

const u64 = (view: DataView, at: number): bigint => view.getBigUint64(at, true);

/** The address beside which its length stands: a number, or a pointer to one. */
export function socketAddress(call: Call, at: bigint, index: number): string | undefined {
  const argument = call.row?.arguments[index + 1];
  let length = int(call.args[index + 1]);
  if (argument?.kind === "inout") {
    length = peek(call.task, call.args[index + 1] ?? 0n, 4)?.getInt32(0, true) ?? 0;
    // What did not fit is not there.
    const room = /^\[(\d+)/.exec(call.before ?? "")?.[1];
    if (room !== undefined) length = Math.min(length, Number(room));
  }
  return sockaddr(call, at, length);
}

export function sockaddr(call: Call, at: bigint, length: number): string | undefined {
  if (length < 2) return undefined;
  const view = peek(call.task, at, Math.min(length, 128));
  if (!view) return undefined;
  const family = view.getUint16(0, true);
  const name = `sa_family=${valueName(valueTables.AF!, family)}`;
  const bytes = bytesOf(view);
  if (family === 1) {
    if (bytes.length === 2) return `{${name}}`;
    const abstract = bytes[2] === 0;
    const text = bytes.subarray(abstract ? 3 : 2);
    const end = abstract ? -1 : text.indexOf(0);
    return `{${name}, sun_path=${abstract ? "@" : ""}${quote(end < 0 ? text : text.subarray(0, end), call.options.hex)}}`;
  }
  if (family === 2 && bytes.length >= 16) {
    const port = view.getUint16(2, false);
    return `{${name}, sin_port=htons(${port}), sin_addr=inet_addr("${[...bytes.subarray(4, 8)].join(".")}")}`;
  }
  if (family === 10 && bytes.length >= 24) {
    const scope = bytes.length >= 28 ? view.getUint32(24, true) : 0;
    const port = view.getUint16(2, false);
    const flow = view.getUint32(4, false);
    const inet = `inet_pton(AF_INET6, "${inet6(view)}", &sin6_addr)`;
    return `{${name}, sin6_port=htons(${port}), sin6_flowinfo=htonl(${flow}), ${inet}, sin6_scope_id=${scope}}`;
  }
  if (family === 16 && bytes.length >= 12) {
    const groups = view.getUint32(8, true).toString(16).padStart(8, "0");
    return `{${name}, nl_pid=${view.getInt32(4, true)}, nl_groups=${groups}}`;
  }
  return bytes.length === 2 ? `{${name}}` : `{${name}, sa_data=${quote(bytes.subarray(2), call.options.hex)}}`;
}

/** RFC 5952: the longest run of zeroes is left out. */
export function inet6(view: DataView, start = 8): string {
  const words = Array.from({ length: 8 }, (_, i) => view.getUint16(start + i * 2, false));
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) {
    return `::ffff:${[12, 13, 14, 15].map((i) => view.getUint8(start + i)).join(".")}`;
  }
  const text = words.map((word) => word.toString(16)).join(":");
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? text : text.replace(longest, ":").replace(/^:(?!:)|(?<!:):$/g, "::");
}

/** struct msghdr; `room`: what msg_namelen was before it was received. */
export function message(call: Call, at: bigint, room?: number): string | undefined {
  const view = peek(call.task, at, 56);
  if (!view) return undefined;
  return messageText(call, view, room === undefined ? Number.POSITIVE_INFINITY : Number(call.result ?? 0), room);
}

function messageText(call: Call, view: DataView, size: number, room: number | undefined): string {
  const nameLength = view.getInt32(8, true);
  const name = u64(view, 0);
  const address =
    name === 0n ? "NULL" : (sockaddr(call, name, Math.min(nameLength, room ?? nameLength)) ?? `0x${name.toString(16)}`);
  const count = Number(u64(view, 24));
  let left = size;
  const parts: string[] = [];
  for (let i = 0; i < Math.min(count, 32); i++) {
    const part = peek(call.task, u64(view, 16) + BigInt(i * 16), 16);
    if (!part) {
      if (i === 0)
        return `{msg_name=${address}, msg_namelen=${nameLength}, msg_iov=0x${u64(view, 16).toString(16)}, msg_iovlen=${count}, msg_controllen=${u64(view, 40)}, msg_flags=${flagNames(flagTables.MSG!, view.getUint32(48, true))}}`;
      break;
    }
    const length = Number(u64(part, 8));
    const shown = Math.max(0, Math.min(length, left));
    left -= shown;
    parts.push(`{iov_base=${buffer(call, u64(part, 0), shown)}, iov_len=${length}}`);
  }
  const control = u64(view, 32);
  const controlLength = Number(u64(view, 40));
  const ancillary = controlLength > 0 ? `msg_control=${controls(call, control, controlLength)}, ` : "";
  const flags = flagNames(flagTables.MSG!, view.getUint32(48, true));
  return `{msg_name=${address}, msg_namelen=${room !== undefined && room !== nameLength ? `${room} => ` : ""}${nameLength}, msg_iov=${list(parts, count > parts.length)}, msg_iovlen=${count}, ${ancillary}msg_controllen=${controlLength}, msg_flags=${flags}}`;
}

/** Ancillary data: descriptors and credentials by name. */
function controls(call: Call, at: bigint, length: number): string {
  if (at === 0n) return "NULL";
  if (length < 16 || !peek(call.task, at, 16)) return `0x${at.toString(16)}`;
  const items: string[] = [];
  for (let offset = 0; offset + 16 <= length; ) {
    const head = peek(call.task, at + BigInt(offset), 16);
    if (!head) break;
    const size = Number(u64(head, 0));
    if (size < 16 || offset + size > length) break;
    const data = peek(call.task, at + BigInt(offset + 16), size - 16);
    const level = head.getInt32(8, true);
    const type = head.getInt32(12, true);
    let text = "";
    if (level === 1 && type === 1 && data) {
      const fds = Array.from({ length: data.byteLength >> 2 }, (_, i) => descriptor(call, data.getInt32(i * 4, true)));
      text = `, cmsg_data=[${fds.join(", ")}]`;
    } else if (level === 1 && type === 2 && data && data.byteLength >= 12) {
      const [pid, uid, gid] = [0, 4, 8].map((i) => data.getUint32(i, true));
      text = `, cmsg_data={pid=${pid}, uid=${uid}, gid=${gid}}`;
    }
    const typeName = level === 1 ? valueName(valueTables.SCM!, type) : `0x${type.toString(16)}`;
    items.push(
      `{cmsg_len=${size}, cmsg_level=${valueName(valueTables.SOL!, level).replace("SOL_??", "SOL_???")}, cmsg_type=${typeName}${text}}`,
    );
    offset += (size + 7) & ~7;
  }
  return `[${items.join(", ")}]`;
}

/** sendmmsg and recvmmsg: messages, and the bytes of those that went through. */
export function messages(call: Call, at: bigint, rooms: readonly number[] | undefined): string | undefined {
  const through = isError(call) ? 0 : Number(call.result ?? 0);
  const count = rooms ? through : call.low(2) >>> 0;
  const items: string[] = [];
  const shown = Math.min(count, call.options.verbose ? 1024 : call.options.limit);
  for (let i = 0; i < shown; i++) {
    const view = peek(call.task, at + BigInt(i * 64), 64);
    if (!view) return i === 0 ? undefined : list(items, true);
    const size = view.getUint32(56, true);
    const text = messageText(call, view, rooms ? size : Number.POSITIVE_INFINITY, rooms?.[i]);
    items.push(`{msg_hdr=${text}${i < through ? `, msg_len=${size}` : ""}}`);
  }
  return list(items, count > items.length);
}
