// One request to a machine with a name.
import { ControlError, names, reach, reachMachine } from "./folder.ts";
import { Channel, parsed } from "./frames.ts";
import type { MachineReport, Request } from "./requests.ts";

/** Asks, and waits for the one answer. */
export async function ask(name: string, request: Request): Promise<unknown> {
  const channel = new Channel(await reachMachine(name));
  channel.sendJson("request", request);
  return new Promise((resolve, reject) => {
    channel.onFrame = (type, bytes) => {
      if (type === "reply") resolve(parsed(bytes));
      else if (type === "error") reject(new ControlError(bytes.toString()));
    };
    channel.onClose = () => reject(new ControlError(`${name} went away without an answer`));
  });
}

/** All machines that can be reached, in order of name. Sockets that were left behind are removed. */
export async function machines(): Promise<MachineReport[]> {
  const found: MachineReport[] = [];
  for (const name of names()) {
    const socket = await reach(name);
    socket?.destroy();
    if (socket) found.push((await ask(name, { verb: "report" })) as MachineReport);
  }
  return found;
}

/** A connection for a request with many answers. */
export async function open(name: string, request: Request): Promise<Channel> {
  const channel = new Channel(await reachMachine(name));
  channel.sendJson("request", request);
  return channel;
}
