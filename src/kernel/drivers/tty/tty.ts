// A terminal as the rest of the kernel sees it.
export interface Tty {
  /** "/dev/pts/0", "/dev/console". */
  readonly name: string;
  readonly dev: number;
  /** Foreground process group, 0 if none. */
  foreground: number;
  /** Session that it controls, 0 if none. */
  session: number;
  /** The session's leader is gone or the line hung up. */
  hangup(): void;
}
