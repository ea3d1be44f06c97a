// How long an instruction takes here, learned from turns that made no system call: so that time in user space can be told
// from time in kernel space without reading the clock at each crossing.
export class Pace {
  /** Nanoseconds an instruction; the first guess is replaced by what is seen. */
  private perInstruction = 4;

  /** A stretch of user space alone was timed. */
  learn(nanoseconds: number, instructions: number): void {
    const seen = nanoseconds / instructions;
    this.perInstruction += (seen - this.perInstruction) * 0.1;
  }
  instructions(nanoseconds: number): number {
    return nanoseconds / this.perInstruction;
  }
  nanoseconds(instructions: number): number {
    return instructions * this.perInstruction;
  }
}
