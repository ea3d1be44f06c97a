// Findings about files: how they are read and written, looked for, opened and synced.
import type { Count, Stream } from "../facts.ts";
import { bytesText, many, milliseconds, number, times } from "../text.ts";
import { calls, type Found, foremost, type Rule, sum, top } from "./finding.ts";

const BUFFER = 65536;
const SMALL = 2048;
const SMALL_SEND = 512;

/** Calls that would be left with a buffer. */
const least = (stream: Stream): number => Math.ceil(stream.bytes / BUFFER);
const mean = (stream: Stream): string => {
  const bytes = stream.bytes / stream.calls;
  return bytes.toFixed(bytes < 10 ? 1 : 0);
};

const smallStreams: Rule = ({ facts, cost }) =>
  [...facts.streams.values()]
    .filter(({ direction, terminal, calls: n, bytes }) => {
      return direction !== "send" && !terminal && n >= 200 && bytes / n < SMALL;
    })
    .map((stream): Found => {
      const writes = stream.direction === "write";
      const each = cost(writes ? "write" : "read");
      const single = stream.single >= stream.calls * 0.9;
      const verb = writes ? "wrote" : "read";
      const way = writes ? "to" : "from";
      return {
        id: `${single ? "single-byte" : "small"}-${stream.direction}s`,
        title: single ? `one byte at each ${stream.direction}` : `small ${stream.direction}s`,
        program: stream.program,
        function: stream.where,
        path: stream.path,
        evidence: `${stream.program} ${verb} ${bytesText(stream.bytes)} ${way} ${stream.path} in ${many(stream.calls, "call")}: ${mean(stream)} bytes each. 64 KiB at a time would take ${number(least(stream))}.`,
        why: `A crossing costs about ${each.toFixed(0)} ns whether it carries one byte or a thousand.`,
        change: writes
          ? "Collect the output and write 64 KiB at a time: setvbuf, a BufferedWriter, no flush at each line."
          : "Read 64 KiB at a time and take the bytes from that buffer: fread, a BufferedReader.",
        saves: (stream.calls - least(stream)) * each,
        // What was read ahead of a pipe can't be given back to whoever reads it next.
        ...(writes || !/^(pipe|socket):/.test(stream.path)
          ? {
              trial: {
                kind: "buffered",
                program: stream.program,
                path: stream.path,
                direction: writes ? "write" : "read",
              },
            }
          : {}),
      };
    });

const smallSends: Rule = ({ facts, cost }) =>
  [...facts.streams.values()]
    .filter(({ direction, calls: n, bytes }) => direction === "send" && n >= 200 && bytes / n < SMALL_SEND)
    .map(
      (stream): Found => ({
        id: "small-sends",
        title: "small sends",
        program: stream.program,
        function: stream.where,
        path: stream.path,
        evidence: `${stream.program} sent ${bytesText(stream.bytes)} through ${stream.path} in ${many(stream.calls, "call")}: ${mean(stream)} bytes each.`,
        why: "Each send goes through the whole network stack, and may become a packet of its own.",
        change: "Put several messages into one send: a buffer, writev or sendmmsg, MSG_MORE, or TCP_CORK.",
        saves: (stream.calls - Math.ceil(stream.bytes / 16384)) * cost("sendto"),
      }),
    );

const failedLookups: Rule = ({ facts, cost }) => {
  const { missing, missed, lookups } = facts;
  if (missed < 100 || missed < lookups * 0.3) return [];
  const worst = top(missing.values());
  const folders = worst.map((each) => `${each.what} ${number(each.count)}`).join(", ");
  return [
    {
      id: "missing-files",
      title: "looking for files that are not there",
      program: worst[0]?.program ?? "",
      function: worst[0]?.where ?? "",
      path: worst[0]?.what ?? "",
      evidence: `${number(missed)} of ${many(lookups, "look-up")} by name failed with ENOENT (by folder: ${folders}${missing.size > 3 ? " …" : ""}).`,
      why: "A failed look-up walks the path like one that succeeds, and a search path multiplies it.",
      change:
        "Shorten the search path (PATH, PYTHONPATH, include and module directories), or remember what was not found.",
      saves: missed * 0.8 * cost("newfstatat"),
    },
  ];
};

const statStorm: Rule = (subject) => {
  const { facts, cost } = subject;
  const asked = calls(subject, "newfstatat", "statx", "stat", "lstat", "faccessat", "faccessat2", "access");
  if (asked < 1000) return [];
  const most = foremost(facts.asked.values());
  return [
    {
      id: "stat-storm",
      title: "asking for the status of many files",
      program: most?.program ?? "",
      function: most?.where ?? "",
      path: most?.what ?? "",
      evidence: `${many(asked, "call")} asked what a file is (stat, access)${most ? `, ${number(most.count)} of them in ${most.what}` : ""}.`,
      why: "Each walks the path again.",
      change: "Use what readdir says (d_type), fstat on files that are open anyway, or keep the answers.",
      saves: asked * 0.5 * cost("newfstatat"),
    },
  ];
};

const openStorm: Rule = ({ facts, cost }) => {
  const all = sum(facts.opened.values());
  const different = facts.opened.size;
  if (all < 1000 || different < all * 0.5) return [];
  const most = foremost(facts.opened.values());
  return [
    {
      id: "open-storm",
      title: "opening many files",
      program: most?.program ?? "",
      function: most?.where ?? "",
      path: most?.what ?? "",
      evidence: `${number(different)} different files were opened, ${many(all, "time")} in all.`,
      why: "Every open walks a path, checks permissions and makes a description: for small files more than reading them.",
      change: "Keep small things together: one archive, a database, a bundle, a zip of modules.",
      saves: all * 0.8 * (cost("openat") + cost("close")),
    },
  ];
};

const reopened: Rule = ({ facts, cost }) =>
  top(facts.opened.values())
    .filter((each) => each.count >= 50)
    .map(
      (each: Count): Found => ({
        id: "reopened-files",
        title: "opening the same file again and again",
        program: each.program,
        function: each.where,
        path: each.what,
        evidence: `${each.program} opened ${each.what} ${times(each.count)}.`,
        why: "Every open walks the path, checks permissions and makes a new description.",
        change: "Open it once and keep the descriptor; pread and lseek go back to its beginning.",
        saves: (each.count - 1) * (cost("openat") + cost("close")),
      }),
    );

const syncing: Rule = (subject) => {
  const { facts, cost, model } = subject;
  const streams = [...facts.streams.values()].filter(({ syncs }) => syncs > 0);
  const synced = streams.reduce((all, { syncs }) => all + syncs, 0);
  if (synced < 10) return [];
  const most = streams.sort((a, b) => b.syncs - a.syncs)[0]!;
  const device = model.waits.fsync ?? 0;
  return [
    {
      id: "fsync",
      title: "waiting for the disk at each step",
      program: most.program,
      function: most.where,
      path: most.path,
      evidence: `${many(synced, "fsync")}, ${number(most.syncs)} of ${most.path} for ${many(most.calls, "write")} of ${bytesText(most.bytes)}.`,
      why: `Each waits until the disk says that the bytes are there: about ${milliseconds(device)}.`,
      change: "Sync once for many changes: a transaction, a batch, group commit.",
      saves: (synced - 1) * (cost("fsync") + device),
      trial: { kind: "unsynced" },
    },
  ];
};

export const fileRules: readonly Rule[] = [
  smallStreams,
  smallSends,
  failedLookups,
  statStorm,
  openStorm,
  reopened,
  syncing,
];
