// What a thread group does with each signal (CLONE_SIGHAND shares it). sigaction(2)
import { NSIG, SIG_DFL, SIG_IGN } from "../../abi/signal.ts";

export interface SignalAction {
  /** SIG_DFL, SIG_IGN or the handler's address. */
  handler: number;
  flags: number;
  mask: bigint;
}

const defaultAction = (): SignalAction => ({ handler: SIG_DFL, flags: 0, mask: 0n });

export class SignalHandlers {
  private readonly actions: SignalAction[] = [];

  constructor() {
    for (let i = 0; i <= NSIG; i++) this.actions.push(defaultAction());
  }
  get(signal: number): SignalAction {
    return this.actions[signal]!;
  }
  set(signal: number, action: SignalAction): void {
    this.actions[signal] = action;
  }
  copy(): SignalHandlers {
    const copy = new SignalHandlers();
    for (let i = 1; i <= NSIG; i++) copy.actions[i] = { ...this.actions[i]! };
    return copy;
  }
  /** execve(2): handlers go back to the default, ignored signals stay ignored. */
  reset(): void {
    for (let i = 1; i <= NSIG; i++) {
      if (this.actions[i]!.handler !== SIG_IGN) this.actions[i] = defaultAction();
    }
  }
}
