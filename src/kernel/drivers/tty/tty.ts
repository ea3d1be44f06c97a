// A terminal as the rest of the kernel sees it. terminal.ts is the thing itself.
export interface Tty {
  /** "/dev/pts/0", "/dev/console". */
  readonly name: string;
  readonly dev: number;
  /** One side of a pseudo-terminal: it does not hang up when its session ends. */
  readonly pseudo: boolean;
  /** Foreground process group, 0 if none. */
  foreground: number;
  /** Session that it controls, 0 if none. */
  session: number;
  /** The line hung up, or (`sessionEnds`) the session's leader is gone. */
  hangup(sessionEnds?: boolean): void;
}
