// What a thread group does with each signal (CLONE_SIGHAND shares it). sigaction(2)
import { NSIG, SIG_DFL, SIG_IGN } from "../../abi/signal.ts";

export interface SignalAction {
  /** SIG_DFL, SIG_IGN or the handler's address. */
  readonly handler: number;
  readonly flags: number;
  readonly mask: bigint;
}

const DEFAULT: SignalAction = { handler: SIG_DFL, flags: 0, mask: 0n };

/** Actions never change, they are replaced: so copies share them. */
export class SignalHandlers {
  private readonly actions: SignalAction[];

  constructor(actions: SignalAction[] = new Array<SignalAction>(NSIG + 1).fill(DEFAULT)) {
    this.actions = actions;
  }
  get(signal: number): SignalAction {
    return this.actions[signal]!;
  }
  set(signal: number, action: SignalAction): void {
    this.actions[signal] = action;
  }
  copy(): SignalHandlers {
    return new SignalHandlers(this.actions.slice());
  }
  /** execve(2): handlers go back to the default, ignored signals stay ignored. */
  reset(): void {
    for (let i = 1; i <= NSIG; i++) {
      if (this.actions[i]!.handler !== SIG_IGN) this.actions[i] = DEFAULT;
    }
  }
}
