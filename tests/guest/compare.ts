// Runs programs here and in Airside and shows where they differ: the tool for mending the kernel.
//
//   node tests/guest/compare.ts [--show] [--seed=N] [FAMILY[/NAME]]…
import { binary, build, checksItself, isBare, launcher, programs } from "./build.ts";
import { GuestMachine } from "./machine.ts";
import { runHost } from "./outcome.ts";

const args = process.argv.slice(2);
const show = args.includes("--show");
const seed = args.find((argument) => argument.startsWith("--seed="))?.slice(7);
const given = seed === undefined ? [] : [seed];
const chosen = args.filter((argument) => !argument.startsWith("--"));
const wanted = programs().filter(
  (program) => chosen.length === 0 || chosen.includes(program.name) || chosen.includes(program.family),
);
await build((program) => wanted.some(({ name }) => name === program.name));

let machine = new GuestMachine();
const failed: string[] = [];
for (const program of wanted) {
  const alone = isBare(program) || checksItself(program);
  const host = alone ? undefined : await runHost(launcher, [binary("host", program.name), ...given]);
  const start = performance.now();
  const before = machine.kernel.oopses;
  const guest = await machine.run(program.name, isBare(program) ? ["x", "y"] : given, 30_000);
  const time = `${Math.round(performance.now() - start)} ms`;
  const oops = machine.kernel.oopses > before ? " OOPS" : "";
  if (guest.status === "timed out") {
    machine.stop();
    machine = new GuestMachine();
  }
  if (!host || show) console.log(`---- ${program.name}: ${guest.status} ${time}\n${guest.stdout}`);
  if (!host) continue;
  if (host.stdout === guest.stdout && host.status === guest.status) {
    console.log(`same ${program.name} ${time}`);
    continue;
  }
  failed.push(program.name);
  console.log(`DIFFERS ${program.name}: ${host.status} here, ${guest.status} there, ${time}${oops}`);
  const [ours, theirs] = [host.stdout.split("\n"), guest.stdout.split("\n")];
  let shown = 0;
  for (let i = 0; i < Math.max(ours.length, theirs.length) && shown < 12; i++) {
    if (ours[i] === theirs[i]) continue;
    console.log(`  ${i + 1} linux   ${ours[i] ?? ""}\n  ${i + 1} airside ${theirs[i] ?? ""}`);
    shown++;
  }
}
console.log(`${wanted.length - failed.length} of ${wanted.length}\n${failed.join(" ")}`);
process.exit(failed.length ? 1 : 0);
