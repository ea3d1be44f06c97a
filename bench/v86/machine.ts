// node bench/v86/machine.ts FOLDER: a machine of v86's that boots the kernel in FOLDER (peer.ts put it there) and then
// runs each line of standard input as a command of its shell. Answers a line of JSON for each: { ms, output, status }.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

interface Emulator {
  add_listener(event: "serial0-output-byte", listener: (byte: number) => void): void;
  serial0_send(text: string): void;
}
type Constructor = new (options: Readonly<Record<string, unknown>>) => Emulator;

const folder = process.argv[2]!;
const file = (name: string) => {
  const { buffer, byteOffset, length } = readFileSync(join(folder, name));
  return { buffer: buffer.slice(byteOffset, byteOffset + length) };
};
const { V86 } = (await import(pathToFileURL(join(folder, "libv86.mjs")).href)) as { V86: Constructor };
const machine = new V86({
  wasm_path: join(folder, "v86.wasm"),
  bios: file("bios.bin"),
  vga_bios: file("vgabios-stdvga.bin"),
  bzimage: file("vmlinuz"),
  initrd: file("initrd"),
  cmdline: "console=ttyS0 quiet mitigations=off random.trust_cpu=on nowatchdog",
  memory_size: 256 << 20,
  autostart: true,
  disable_speaker: true,
});

let seen = "";
let pattern = /READY\n/;
let found: (match: RegExpExecArray) => void;
machine.add_listener("serial0-output-byte", (byte) => {
  seen += String.fromCharCode(byte);
  if (byte !== 10) return;
  const match = pattern.exec(seen);
  if (match) found(match);
});
const until = (wanted: RegExp) =>
  new Promise<RegExpExecArray>((resolve) => {
    seen = "";
    pattern = wanted;
    found = resolve;
  });

await until(/READY\n/);
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const end = until(/^(.*)END (\d+)\n/s);
  machine.serial0_send(`${line}\n`);
  const [, output, status] = await end;
  console.log(JSON.stringify({ ms: performance.now() - start, output, status: Number(status) }));
}
process.exit();
