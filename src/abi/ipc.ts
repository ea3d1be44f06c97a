// System V IPC structs of the generic 64-bit ABI. asm-generic/ipcbuf.h, sembuf.h, msgbuf.h, shmbuf.h
export const SEMID_DS = 88;
export const MSQID_DS = 120;
export const SHMID_DS = 112;

/** struct ipc64_perm: 48 bytes at the start of each. */
export interface IpcPerm {
  key: number;
  uid: number;
  gid: number;
  cuid: number;
  cgid: number;
  mode: number;
  sequence: number;
}

/** What IPC_SET takes from it. */
export interface IpcChange {
  uid: number;
  gid: number;
  mode: number;
}

function encodePerm(view: DataView, perm: IpcPerm): void {
  view.setInt32(0, perm.key, true);
  view.setUint32(4, perm.uid, true);
  view.setUint32(8, perm.gid, true);
  view.setUint32(12, perm.cuid, true);
  view.setUint32(16, perm.cgid, true);
  view.setUint32(20, perm.mode, true);
  view.setUint16(24, perm.sequence & 0xffff, true);
}

export function decodeChange(bytes: Uint8Array): IpcChange {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { uid: view.getUint32(4, true), gid: view.getUint32(8, true), mode: view.getUint32(20, true) & 0o777 };
}

function struct(size: number, perm: IpcPerm, longs: Record<number, number>, ints: Record<number, number> = {}) {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  encodePerm(view, perm);
  for (const [offset, value] of Object.entries(longs)) view.setBigInt64(Number(offset), BigInt(value), true);
  for (const [offset, value] of Object.entries(ints)) view.setInt32(Number(offset), value, true);
  return bytes;
}

/** Times in seconds since 1970. */
export function encodeSemid(perm: IpcPerm, set: { otime: number; ctime: number; nsems: number }): Uint8Array {
  return struct(SEMID_DS, perm, { 48: set.otime, 56: set.ctime, 64: set.nsems });
}

export interface MsqidFields {
  stime: number;
  rtime: number;
  ctime: number;
  cbytes: number;
  qnum: number;
  qbytes: number;
  lspid: number;
  lrpid: number;
}

export function encodeMsqid(perm: IpcPerm, queue: MsqidFields): Uint8Array {
  const { stime, rtime, ctime, cbytes, qnum, qbytes, lspid, lrpid } = queue;
  const longs = { 48: stime, 56: rtime, 64: ctime, 72: cbytes, 80: qnum, 88: qbytes };
  return struct(MSQID_DS, perm, longs, { 96: lspid, 100: lrpid });
}
export function decodeMsqidQbytes(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(88, true));
}

export interface ShmidFields {
  segsz: number;
  atime: number;
  dtime: number;
  ctime: number;
  cpid: number;
  lpid: number;
  nattch: number;
}

export function encodeShmid(perm: IpcPerm, segment: ShmidFields): Uint8Array {
  const { segsz, atime, dtime, ctime, cpid, lpid, nattch } = segment;
  return struct(SHMID_DS, perm, { 48: segsz, 56: atime, 64: dtime, 72: ctime, 88: nattch }, { 80: cpid, 84: lpid });
}
