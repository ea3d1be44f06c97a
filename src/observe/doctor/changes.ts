/** Calls that change what their path names. */
export const changes: ReadonlySet<string> = new Set(
  "mkdirat unlinkat mknodat symlinkat fchmodat fchownat utimensat renameat2 linkat".split(" "),
);
