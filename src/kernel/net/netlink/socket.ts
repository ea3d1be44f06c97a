// Netlink sockets: requests go to the kernel at once, answers wait in the socket's queue. netlink(7)
import {
  EADDRINUSE,
  ECONNREFUSED,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTTY,
  EOPNOTSUPP,
  EPERM,
  type Errno,
} from "../../../abi/errno.ts";
import { POLLERR } from "../../../abi/flags.ts";
import * as abi from "../../../abi/netlink.ts";
import {
  AF_NETLINK,
  AF_UNSPEC,
  FIONREAD,
  familyOf,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SOCKADDR_NL_SIZE,
  SOL_NETLINK,
} from "../../../abi/socket.ts";
import type { UserAddress } from "../../mm/user.ts";
import { CAP_NET_ADMIN } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import { interfaceIoctl } from "../interface.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { int } from "../options.ts";
import { blockOn, READABLE, Socket, WRITABLE } from "../socket.ts";
import { diagRequest } from "./diag.ts";
import { MessageBuilder, type Request } from "./message.ts";
import { routeRequest } from "./route.ts";

/** Answers are packed into datagrams of at most this. */
const PACKED = 4096;

function address(port: number, groups: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_NL_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(4, port, true);
  view.setUint32(8, groups, true);
  return bytes;
}

export class NetlinkSocket extends Socket {
  /** 0 until bound. */
  port = 0;
  groups = 0;
  private peer = 0;
  private readonly queue: { bytes: Uint8Array; from: number }[] = [];
  private readonly options = new Map<number, number>();

  constructor(net: Net, type: number, protocol: number) {
    super(net, AF_NETLINK, type, protocol);
    net.netlink.add(this);
  }
  bind(task: Task, name: Uint8Array): IoResult {
    if (name.length < SOCKADDR_NL_SIZE || familyOf(name) !== AF_NETLINK) return EINVAL;
    const view = new DataView(name.buffer, name.byteOffset);
    const port = view.getUint32(4, true);
    const groups = view.getUint32(8, true);
    // Listening to the routing family's groups is for everyone, to others' for administrators.
    if (groups !== 0 && this.protocol !== abi.NETLINK_ROUTE && this.protocol !== abi.NETLINK_KOBJECT_UEVENT) {
      if (!task.cred.canIn(this.net.userNamespace, CAP_NET_ADMIN)) return EPERM;
    }
    if (this.port !== 0 && port !== this.port) return EINVAL;
    if (this.port === 0) {
      const bound = port === 0 ? this.autobind(task) : this.take(port);
      if (bound < 0) return bound;
    }
    this.groups = groups;
    return 0;
  }
  private take(port: number): 0 | Errno {
    if (this.find(port)) return EADDRINUSE;
    this.port = port;
    return 0;
  }
  private find(port: number): NetlinkSocket | undefined {
    for (const other of this.net.netlink) {
      if (other.port === port && other.protocol === this.protocol) return other;
    }
    return undefined;
  }
  /** The process's id, or when another socket has it a number from above. */
  private autobind(task: Task): 0 | Errno {
    let port = task.pidNamespace.of(task.pid);
    for (let i = 1; this.find(port); i++) port = (0xffffffff - 4096 - i) >>> 0;
    return this.take(port);
  }
  connect(task: Task, name: Uint8Array, _until: number): IoResult {
    if (name.length >= 2 && familyOf(name) === AF_UNSPEC) {
      this.peer = 0;
      return 0;
    }
    if (name.length < SOCKADDR_NL_SIZE || familyOf(name) !== AF_NETLINK) return EINVAL;
    this.peer = new DataView(name.buffer, name.byteOffset).getUint32(4, true);
    return this.port === 0 ? this.autobind(task) : 0;
  }
  nameOf(peer: boolean): Uint8Array | Errno {
    return peer ? address(this.peer, 0) : address(this.port, this.groups);
  }
  shutdown(_how: number): Errno {
    return EOPNOTSUPP;
  }
  send(message: Outgoing, _until: number): IoResult {
    if ((message.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    let to = this.peer;
    if (message.name) {
      if (message.name.length < SOCKADDR_NL_SIZE || familyOf(message.name) !== AF_NETLINK) return EINVAL;
      to = new DataView(message.name.buffer, message.name.byteOffset).getUint32(4, true);
    }
    const task = this.kernel.current;
    if (this.port === 0 && task) this.autobind(task);
    if (message.from.length > this.sendBuffer - 32) return EMSGSIZE;
    const bytes = new Uint8Array(message.from.length);
    if (message.from.take(bytes) !== bytes.length) return EFAULT;
    if (to !== 0) {
      const receiver = this.find(to);
      if (!receiver) return ECONNREFUSED;
      receiver.push(bytes, this.port);
    } else if (this.protocol === abi.NETLINK_ROUTE || this.protocol === abi.NETLINK_SOCK_DIAG) this.request(bytes);
    else if (this.protocol === abi.NETLINK_USERSOCK) return ECONNREFUSED;
    return bytes.length;
  }
  /** Answers the requests in a datagram, one after another. */
  private request(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + abi.NLMSG_HDRLEN <= bytes.length; ) {
      const length = view.getUint32(at, true);
      if (length < abi.NLMSG_HDRLEN || at + length > bytes.length) return;
      const flags = view.getUint16(at + 6, true);
      const request: Request = {
        type: view.getUint16(at + 4, true),
        flags,
        sequence: view.getUint32(at + 8, true),
        port: this.port,
        payload: bytes.subarray(at + abi.NLMSG_HDRLEN, at + length),
      };
      this.answer(request, bytes.subarray(at, at + length));
      at += abi.nlAlign(length);
    }
  }
  private answer(request: Request, original: Uint8Array): void {
    const isRequest = (request.flags & abi.NLM_F_REQUEST) !== 0 && request.type >= abi.NLMSG_MIN_TYPE;
    const ask = this.protocol === abi.NETLINK_ROUTE ? routeRequest : diagRequest;
    const result = isRequest ? ask(this.net, request) : [];
    if (typeof result === "number") {
      this.acknowledge(request, original, result);
      return;
    }
    const reads = this.protocol !== abi.NETLINK_ROUTE || (request.type & 3) === 2;
    const dump = isRequest && reads && (request.flags & abi.NLM_F_DUMP) !== 0;
    if (dump) {
      result.push(new MessageBuilder().u32(0).finish(abi.NLMSG_DONE, abi.NLM_F_MULTI, request));
    }
    this.pushPacked(result);
    if (!dump && (request.flags & abi.NLM_F_ACK) !== 0) this.acknowledge(request, original, 0);
  }
  /** struct nlmsgerr: the errno, and the request (its header alone when all is well). */
  private acknowledge(request: Request, original: Uint8Array, errno: number): void {
    const message = new MessageBuilder().u32(errno >>> 0);
    const capped = errno === 0 || this.options.get(abi.NETLINK_CAP_ACK) === 1;
    message.u8(...(capped ? original.subarray(0, abi.NLMSG_HDRLEN) : original));
    this.push(message.finish(abi.NLMSG_ERROR, capped ? 0x100 : 0, request), 0);
  }
  private pushPacked(messages: readonly Uint8Array[]): void {
    let batch: Uint8Array[] = [];
    let size = 0;
    const flush = (): void => {
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const message of batch) {
        bytes.set(message, at);
        at += message.length;
      }
      if (size > 0) this.push(bytes, 0);
      batch = [];
      size = 0;
    };
    for (const message of messages) {
      if (size + message.length > PACKED) flush();
      batch.push(message);
      size += message.length;
    }
    flush();
  }
  /** A datagram from the kernel or another socket. */
  push(bytes: Uint8Array, from: number): void {
    this.queue.push({ bytes, from });
    this.readers.wakeOne(READABLE);
  }
  receive(message: Incoming, until: number): IoResult {
    if ((message.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    const first = this.queue[0];
    if (!first) {
      if (this.error !== 0) return this.takeError();
      return blockOn(this.readers, until, () => this.receive(message, until));
    }
    const { bytes } = first;
    const size = Math.min(bytes.length, message.into.length);
    if (size < bytes.length) message.outFlags |= MSG_TRUNC;
    message.name = address(first.from, 0);
    if (this.passCredentials) message.credentials = { pid: 0, uid: 0, gid: 0 };
    const copied = size === 0 ? 0 : message.into.put(bytes.subarray(0, size));
    if ((message.flags & MSG_PEEK) === 0) this.queue.shift();
    if (copied < size) return EFAULT;
    return (message.flags & MSG_TRUNC) !== 0 ? bytes.length : size;
  }
  poll(): number {
    return (this.error !== 0 ? POLLERR : 0) | (this.queue.length > 0 ? READABLE : 0) | WRITABLE;
  }
  close(): void {
    this.net.netlink.delete(this);
    this.queue.length = 0;
    this.stateChanged();
  }
  override setOption(_task: Task, level: number, name: number, value: Uint8Array): 0 | Errno {
    if (level !== SOL_NETLINK) return ENOPROTOOPT;
    if (value.length < 4) return EINVAL;
    const number = new DataView(value.buffer, value.byteOffset).getUint32(0, true);
    switch (name) {
      case abi.NETLINK_ADD_MEMBERSHIP:
      case abi.NETLINK_DROP_MEMBERSHIP: {
        if (number === 0 || number > 64) return EINVAL;
        const bit = number > 32 ? 0 : 1 << (number - 1);
        this.groups = name === abi.NETLINK_ADD_MEMBERSHIP ? this.groups | bit : this.groups & ~bit;
        return 0;
      }
      case abi.NETLINK_PKTINFO:
      case abi.NETLINK_BROADCAST_ERROR:
      case abi.NETLINK_NO_ENOBUFS:
      case abi.NETLINK_LISTEN_ALL_NSID:
      case abi.NETLINK_CAP_ACK:
      case abi.NETLINK_EXT_ACK:
      case abi.NETLINK_GET_STRICT_CHK:
        this.options.set(name, number === 0 ? 0 : 1);
        return 0;
      default:
        return ENOPROTOOPT;
    }
  }
  override getOption(_task: Task, level: number, name: number, _length: number): Uint8Array | Errno {
    if (level !== SOL_NETLINK) return ENOPROTOOPT;
    if (name === abi.NETLINK_LIST_MEMBERSHIPS) return int(this.groups);
    return name >= abi.NETLINK_PKTINFO && name <= abi.NETLINK_GET_STRICT_CHK
      ? int(this.options.get(name) ?? 0)
      : ENOPROTOOPT;
  }
  override ioctl(task: Task, command: number, argument: UserAddress): IoResult {
    if (command === FIONREAD) return ENOTTY;
    return interfaceIoctl(this.net, task, command, argument);
  }
}
