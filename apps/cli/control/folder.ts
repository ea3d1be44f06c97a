// Where machines with names can be reached: a folder of the user's own with a socket for each.
import * as fs from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** docker's rule for names. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/;
/** sizeof sun_path, less the NUL. */
const LONGEST_PATH = 107;

export class ControlError extends Error {}

function folder(): string {
  const run = process.env.XDG_RUNTIME_DIR;
  return run ? join(run, "airside") : join(tmpdir(), `airside-${process.getuid?.() ?? 0}`);
}

/** The folder, made where it is missing. Nobody else may look into it: who reaches a socket commands the machine. */
export function runtimeFolder(): string {
  const path = folder();
  fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  const status = fs.lstatSync(path);
  if (!status.isDirectory() || (process.getuid && status.uid !== process.getuid()))
    throw new ControlError(`${path} is not a folder of yours: remove it, or set XDG_RUNTIME_DIR`);
  if ((status.mode & 0o077) !== 0) fs.chmodSync(path, 0o700);
  return path;
}

export function socketPath(name: string): string {
  if (!NAME.test(name)) throw new ControlError(`not a name for a machine: ${name} (letters, digits, _ . -)`);
  const path = join(runtimeFolder(), `${name}.sock`);
  if (path.length > LONGEST_PATH) throw new ControlError(`the path of the socket is too long: ${path}`);
  return path;
}

/** Names that have a socket, whether or not somebody listens. */
export function names(): string[] {
  return fs
    .readdirSync(runtimeFolder())
    .filter((file) => file.endsWith(".sock"))
    .map((file) => file.slice(0, -5))
    .sort();
}

/** Connects; undefined where there is no socket or nobody behind it. A socket that was left behind is removed. */
export function reach(name: string): Promise<Socket | undefined> {
  const path = socketPath(name);
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") fs.rmSync(path, { force: true });
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(undefined);
      else reject(new ControlError(`can't reach ${name}: ${error.code}`));
    });
  });
}

/** Connects to a machine that has to be there. */
export async function reachMachine(name: string): Promise<Socket> {
  const socket = await reach(name);
  if (!socket) throw new ControlError(`no such machine: ${name}`);
  return socket;
}
