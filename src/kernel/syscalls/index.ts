// All system calls, from the families' rows. Each family has a file of its own beside this one.
import { rows as epoll } from "./epoll.ts";
import { rows as event } from "./event.ts";
import { rows as inotify } from "./inotify.ts";
import { rows as pidfd } from "./pidfd.ts";
import { rows as pipe } from "./pipe.ts";
import { rows as poll } from "./poll.ts";
import { rows as socket } from "./socket.ts";
import type { Row } from "./table.ts";

const families: readonly (readonly Row[])[] = [
  // one a line
  epoll,
  event,
  inotify,
  pidfd,
  pipe,
  poll,
  socket,
];

/** The table that dispatch indexes by number. */
export function systemCalls(): (Row | undefined)[] {
  const table: (Row | undefined)[] = [];
  for (const row of families.flat()) table[row.number] = row;
  return table;
}
