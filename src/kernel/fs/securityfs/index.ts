// securityfs: what security modules show, below /sys/kernel/security.
import { EINVAL } from "../../../abi/errno.ts";
import { LOCKDOWN_LEVELS } from "../../security/lockdown.ts";
import { rowsFilesystem } from "../rows/filesystem.ts";
import { directory, page } from "../rows/row.ts";

export const securityfs = rowsFilesystem("securityfs", {
  magic: 0x73636673,
  root: directory(
    "",
    [
      page("lockdown", 0o644, ({ lockdown }) => `${lockdown}\n`, {
        write({ lockdown }, text) {
          const level = LOCKDOWN_LEVELS.indexOf(text.replace(/\n$/, ""));
          return level < 0 ? EINVAL : lockdown.raise(level, "securityfs");
        },
      }),
    ],
    { mode: 0o755 },
  ),
});
