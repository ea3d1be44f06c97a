// System V messages and semaphores, splice and its kin: calls whose arguments depend on each other.
import { flagNames, hex } from "../../abi/flag-table.ts";
import { flagTables } from "../../abi/flag-tables.ts";
import { address, type Call, int, isError, long, peek, uint } from "./call.ts";
import { early, late, type Piece, piece, struct } from "./pieces.ts";
import { buffer } from "./text.ts";

type Special = (call: Call) => readonly Piece[];

const at = (call: Call, index: number): bigint => call.args[index] ?? 0n;
const fromRow = (call: Call, ...indices: number[]): Piece[] => indices.map((index) => piece(call.row!, index));
const pointer = (value: bigint): string => address(value);

/** "{mtype=3, mtext="…"}". */
function messageBuffer(call: Call, from: bigint, length: number): string {
  const type = from === 0n ? undefined : peek(call.task, from, 8);
  if (!type) return address(from);
  return `{mtype=${type.getBigInt64(0, true)}, mtext=${buffer(call, from + 8n, length)}}`;
}

const size = (call: Call, index: number): number => Number(at(call, index));

/** An offset that the call moves on: at entry as it is, at exit "=> " what it has become. */
const offset = (call: Call, index: number): string => struct(call, "off_t", at(call, index), index);

const moved =
  (...offsets: number[]): Special =>
  (call) =>
    call.row!.arguments.map((_, index) =>
      offsets.includes(index) ? early(() => offset(call, index)) : piece(call.row!, index),
    );

export const ipcSpecials: Readonly<Record<string, Special>> = {
  msgsnd: (call) => [
    ...fromRow(call, 0),
    early(() => messageBuffer(call, at(call, 1), size(call, 2))),
    early(() => String(at(call, 2))),
    early(() => flagNames(flagTables.MSGRCV!, uint(at(call, 3)))),
  ],
  msgrcv: (call) => [
    ...fromRow(call, 0),
    late(() => (isError(call) ? address(at(call, 1)) : messageBuffer(call, at(call, 1), size(call, 2)))),
    late(() => String(at(call, 2))),
    late(() => String(long(at(call, 3)))),
    late(() => flagNames(flagTables.MSGRCV!, uint(at(call, 4)))),
  ],
  semctl: (call) => [
    ...fromRow(call, 0, 1, 2),
    early(() => {
      const command = int(at(call, 2)) & 0xff;
      // SETVAL: a number
      return command === 16 ? hex(uint(at(call, 3))) : pointer(at(call, 3));
    }),
  ],
  splice: moved(1, 3),
  copy_file_range: (call) => [...moved(1, 3)(call).slice(0, 5), early(() => String(uint(at(call, 5))))],
  sendfile: (call) => [
    ...fromRow(call, 0, 1),
    early(() => struct(call, "unsigned-off_t", at(call, 2), 2)),
    ...(at(call, 2) === 0n || !peek(call.task, at(call, 2), 8)
      ? fromRow(call, 3)
      : [
          late(() =>
            isError(call) || Number(call.result) === 0
              ? undefined
              : `=> ${struct(call, "unsigned-off_t", at(call, 2), 2)}`,
          ),
          late(() => String(at(call, 3))),
        ]),
  ],
};
