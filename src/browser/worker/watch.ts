// What the page watches of the machine: the gate by frames; of one process its strace, and for a while its account.
import type { Machine } from "../../embed/machine.ts";
import { toText } from "../../lib/byte-string.ts";
import { Evidence } from "../../observe/doctor/evidence.ts";
import { report, reportText } from "../../observe/doctor/report.ts";
import { Gate } from "../../observe/gate/gate.ts";
import { only } from "../../observe/gate/only.ts";
import { type ProcessDetails, processDetails } from "../../observe/gate/process.ts";
import { defaults, type LineSink, Strace } from "../../observe/strace/strace.ts";
import type { Diagnosis, Event } from "../protocol.ts";

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
    const before = group.leader.instructions;
    const evidence = new Evidence(kernel);
    const unlisten = kernel.trace.listen(only(group, evidence));
    await new Promise((over) => setTimeout(over, milliseconds));
    unlisten();
    evidence.finish();
    evidence.instructions = Math.max(0, group.leader.instructions - before);
    if (evidence.user + evidence.kernelTime === 0) {
      const call = kernel.syscalls[group.leader.syscall]?.name;
      const text = `Waiting: it did nothing at all in that time${call ? `, and waits in ${call}` : ""}.\n`;
      return { text, verdict: "waiting" };
    }
    const made = report(evidence, [toText(command)]);
    return { text: reportText(made), verdict: made.verdict };
  }

  stop(): void {
    this.stopGate?.();
    this.stopStrace?.();
  }
}
