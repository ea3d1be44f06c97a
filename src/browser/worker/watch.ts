// What the page watches of the machine: the gate by frames; of one process its strace, and for a while its account.
import type { Machine } from "../../embed/machine.ts";
import type { ThreadGroup } from "../../kernel/task/thread-group.ts";
import { toText } from "../../lib/byte-string.ts";
import { Evidence } from "../../observe/doctor/evidence.ts";
import { published } from "../../observe/doctor/model.ts";
import { reportText } from "../../observe/doctor/plain.ts";
import { answerOf } from "../../observe/doctor/report.ts";
import { Gate } from "../../observe/gate/gate.ts";
import { only } from "../../observe/gate/only.ts";
import { type ProcessDetails, processDetails } from "../../observe/gate/process.ts";
import { flameData } from "../../observe/perf/flame-graph.ts";
import { Recorder } from "../../observe/perf/recorder.ts";
import { defaults, type LineSink, Strace } from "../../observe/strace/strace.ts";
import type { Diagnosis, Event, FlameNode } from "../protocol.ts";

/** Milliseconds between two frames. */
const FRAME = 100;
/** Bytes of a process's strace that a frame carries; what comes beyond is counted, not shown. */
const TRACE = 32 * 1024;

export class Watch {
  private readonly machine: Machine;
  private readonly send: (event: Event, transfer?: Transferable[]) => void;
  private stopGate: (() => void) | undefined;
  private stopStrace: (() => void) | undefined;

  constructor(machine: Machine, send: (event: Event, transfer?: Transferable[]) => void) {
    this.machine = machine;
    this.send = send;
  }

  gate(on: boolean): void {
    if (!on || this.stopGate) {
      if (!on) this.stopGate?.();
      return;
    }
    const gate = new Gate(this.machine.kernel);
    const unlisten = this.machine.kernel.trace.listen(gate);
    const timer = setInterval(() => {
      const frame = gate.frame();
      this.send({ event: "gate", frame }, [frame.timeline.buffer]);
    }, FRAME);
    this.stopGate = () => {
      clearInterval(timer);
      unlisten();
      this.stopGate = undefined;
    };
  }

  /** Shows a process's system calls, those of its children too; undefined ends it. */
  strace(pid: number | undefined): void {
    this.stopStrace?.();
    const { kernel } = this.machine;
    const task = pid === undefined ? undefined : kernel.tasks.group(pid)?.leader;
    if (!task) return;
    let text = "";
    let dropped = 0;
    const decoder = new TextDecoder("latin1");
    const sink: LineSink = {
      eager: false,
      write(bytes) {
        if (text.length < TRACE) text += decoder.decode(bytes);
        else dropped += bytes.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
      },
    };
    const strace = new Strace(kernel, { ...defaults, follow: true }, () => sink);
    const unlisten = kernel.trace.listen(strace);
    strace.attach(task);
    const flush = (): void => {
      strace.flush();
      if (text === "" && dropped === 0) return;
      this.send({ event: "strace", text, dropped });
      text = "";
      dropped = 0;
    };
    const timer = setInterval(flush, FRAME);
    this.stopStrace = () => {
      clearInterval(timer);
      strace.detach();
      unlisten();
      flush();
      this.stopStrace = undefined;
    };
  }

  details(pid: number): ProcessDetails | undefined {
    return processDetails(this.machine.kernel, pid);
  }

  /** Watches a process for a while and says where its time goes. */
  async diagnose(pid: number, milliseconds: number): Promise<Diagnosis | undefined> {
    const { kernel } = this.machine;
    const group = kernel.tasks.group(pid);
    if (!group || group.zombie) return undefined;
    const command = group.leader.comm;
    const before = instructionsOf(group);
    const evidence = new Evidence(kernel);
    const unlisten = kernel.trace.listen(only(group, evidence));
    await new Promise((over) => setTimeout(over, milliseconds));
    unlisten();
    if (evidence.user + evidence.kernelTime === 0) {
      const call = kernel.syscalls[group.leader.syscall]?.name;
      const text = `Waiting: it did nothing at all in that time${call ? `, and waits in ${call}` : ""}.\n`;
      return { text, verdict: "waiting" };
    }
    evidence.finish();
    // What it had done before counts for nothing here.
    evidence.facts.instructions = instructionsOf(group) - before;
    const { report } = answerOf(evidence.facts, [toText(command)], published);
    return { text: reportText(report), verdict: report.verdict };
  }

  /** Where a process spends its time, by samples with the calls that led there. */
  async profile(pid: number, milliseconds: number): Promise<FlameNode | undefined> {
    const { kernel } = this.machine;
    const group = kernel.tasks.group(pid);
    if (!group || group.zombie) return undefined;
    const recorder = new Recorder(kernel, {
      events: [{ name: "cpu-clock", side: undefined, unit: "ns" }],
      instructions: 1e6,
      nanoseconds: 1e6,
      every: 1,
      calls: "dwarf",
      tasks: new Set(group.threads),
    });
    recorder.start();
    await new Promise((over) => setTimeout(over, milliseconds));
    return flameData(recorder.finish([toText(group.leader.comm)]), 0).events[0]?.root;
  }

  stop(): void {
    this.stopGate?.();
    this.stopStrace?.();
  }
}

const instructionsOf = (group: ThreadGroup): number => {
  let sum = 0;
  for (const thread of group.threads) sum += thread.instructions;
  return sum;
};
