// System V message queues: msgget, msgsnd, msgrcv, msgctl. svipc(7)
import { EACCES, EFAULT, EINVAL, EPERM } from "../../abi/errno.ts";
import { decodeChange, decodeMsqidQbytes, encodeMsqid, MSQID_DS } from "../../abi/ipc.ts";
import { type Message, MessageQueue, MSG_COPY, MSG_EXCEPT, MSGMAX, MSGMNB, MSGMNI } from "../ipc/messages.ts";
import { IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_SET, IPC_STAT } from "../ipc/table.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { andThen } from "../sched/wait-queue.ts";
import { CAP_SYS_RESOURCE } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { seconds } from "./semaphore.ts";
import { Address, Bits, Flags, InBytes, Int, Long, OutBytes, type Row, type SyscallResult, syscall } from "./table.ts";

const MSG_STAT = 11;
const MSG_INFO = 12;
const MSG_STAT_ANY = 13;
const READ = 0o444;
const WRITE = 0o222;

function msgget(task: Task, key: number, flags: number): SyscallResult {
  return task.ipc.messages.queues.get(
    key,
    flags,
    task.cred,
    () => 0,
    (permissions) => new MessageQueue(permissions, () => seconds(task)),
  );
}

function msgsnd(task: Task, id: number, address: UserAddress, size: number, flags: number): SyscallResult {
  const type = task.mm.readU64(address);
  if (type === undefined) return EFAULT;
  if (size < 0 || size > MSGMAX || id < 0 || BigInt.asIntN(64, type) < 1n) return EINVAL;
  const text = task.mm.read(at(address, 8), size);
  if (typeof text === "number") return text;
  const queue = task.ipc.messages.queues.find(id);
  if (typeof queue === "number") return queue;
  if (!queue.permissions.allows(task.cred, WRITE)) return EACCES;
  return queue.send({ type, text: text.slice() }, flags, task.pid);
}

function msgrcv(
  task: Task,
  id: number,
  address: UserAddress,
  room: number,
  type: bigint,
  flags: number,
): SyscallResult {
  if (id < 0 || room < 0) return EINVAL;
  if ((flags & MSG_COPY) !== 0 && ((flags & MSG_EXCEPT) !== 0 || (flags & IPC_NOWAIT) === 0)) return EINVAL;
  const queue = task.ipc.messages.queues.find(id);
  if (typeof queue === "number") return queue;
  if (!queue.permissions.allows(task.cred, READ)) return EACCES;
  return andThen<Message, number>(queue.receive(room, BigInt.asIntN(64, type), flags, task.pid), (message) => {
    const text = message.text.subarray(0, room);
    if (task.mm.writeU64(address, message.type) < 0) return EFAULT;
    return task.mm.write(at(address, 8), text) || text.length;
  });
}

function msgctl(task: Task, id: number, command: number, argument: UserAddress): SyscallResult {
  if (id < 0 || command < 0) return EINVAL;
  const { messages } = task.ipc;
  const { queues } = messages;
  switch (command) {
    case IPC_INFO:
    case MSG_INFO: {
      let [pool, map, tql] = [(MSGMNI * MSGMNB) / 1024, MSGMNB, MSGMNB];
      if (command === MSG_INFO) {
        [pool, map, tql] = [queues.count, 0, 0];
        for (const queue of queues.all) {
          map += queue.messages.length;
          tql += queue.bytes;
        }
      }
      const bytes = new Uint8Array(Int32Array.of(pool, map, MSGMAX, MSGMNB, MSGMNI, 16, tql, 0xffff).buffer);
      return task.mm.write(argument, bytes) || queues.highest;
    }
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY: {
      const queue = command === IPC_STAT ? queues.find(id) : queues.at(id);
      if (typeof queue === "number") return queue;
      if (command !== MSG_STAT_ANY && !queue.permissions.allows(task.cred, READ)) return EACCES;
      const { stime, rtime, ctime, bytes, maxBytes, sender, receiver } = queue;
      const encoded = encodeMsqid(queue.permissions, {
        stime,
        rtime,
        ctime,
        cbytes: bytes,
        qnum: queue.messages.length,
        qbytes: maxBytes,
        lspid: sender,
        lrpid: receiver,
      });
      return task.mm.write(argument, encoded) || (command === IPC_STAT ? 0 : queue.permissions.id);
    }
    case IPC_SET: {
      const bytes = task.mm.read(argument, MSQID_DS);
      if (typeof bytes === "number") return bytes;
      const queue = queues.owned(id, task.cred);
      if (typeof queue === "number") return queue;
      const limit = decodeMsqidQbytes(bytes);
      if (limit > MSGMNB && !task.cred.can(CAP_SYS_RESOURCE)) return EPERM;
      Object.assign(queue.permissions, decodeChange(bytes));
      queue.maxBytes = limit;
      queue.changed();
      return 0;
    }
    case IPC_RMID: {
      const queue = queues.owned(id, task.cred);
      if (typeof queue === "number") return queue;
      messages.remove(queue);
      return 0;
    }
    default:
      return EINVAL;
  }
}

const id = Int("msqid");
const flags = Flags("msgflg", "IPC");
export const rows: Row[] = [
  syscall(186, "msgget", [Int("key", "ipc-key"), flags], msgget),
  syscall(187, "msgctl", [id, Int("cmd", "MSG_CMD"), Address("buf")], msgctl),
  syscall(188, "msgrcv", [id, OutBytes("msgp", "msgsz"), Long("msgsz"), Bits("msgtyp"), flags], msgrcv),
  syscall(189, "msgsnd", [id, InBytes("msgp", "msgsz"), Long("msgsz"), flags], msgsnd),
];
