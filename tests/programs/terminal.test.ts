// Programs on a terminal: bash with job control, less, vim, top; interrupts, window size, end of input.
import assert from "node:assert/strict";
import { test } from "node:test";
import { testMachine } from "./machine.ts";
import { TestTerminal } from "./terminal.ts";

const terminal = new TestTerminal();
const machine = await testMachine({ console: terminal });
const PROMPT = /\$% /;

test("bash: Ctrl-Z, bg, fg, kill %1, Ctrl-C, Ctrl-D", async () => {
  const shell = await machine.spawn(["bash", "--norc"], { tty: true, env: { TERM: "dumb", PS1: "$% ", HISTFILE: "" } });
  await terminal.expect(PROMPT);
  await terminal.send("tty; stty size\r", /\/dev\/(pts\/\d+|hvc0|console)\s+24 80/);
  await terminal.send("sleep 1000\r", /sleep 1000/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await terminal.send("\x1a", /\[1\]\+ +Stopped +sleep 1000/);
  await terminal.send("bg\r", /\[1\]\+ sleep 1000 &/);
  await terminal.send("jobs\r", /\[1\]\+ +Running +sleep 1000 &/);
  terminal.type("fg\r");
  await terminal.expect(/fg\r\nsleep 1000/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await terminal.send("\x1a", /Stopped/);
  await terminal.send("kill %1; sleep 0.3\r", /kill %1; sleep 0.3\r\n/);
  await terminal.send("\r", /Terminated +sleep 1000/);
  terminal.type("cat\r");
  await terminal.expect(/cat\r\n/);
  await terminal.send("echoed\r", /echoed\r\nechoed\r\n/);
  await terminal.send("\x03", /\^C[\s\S]*\$% /);
  await terminal.send("echo code $?\r", /code 130\r\n/);
  terminal.resize(100, 30);
  // What is typed before the prompt is there is the terminal's to echo, and the end of input then a mere character.
  await terminal.send("stty size\r", /30 100\r\n\$% /);
  await terminal.send("cat | wc -c\r", /wc -c\r\n/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  terminal.type("12345\r\x04");
  await terminal.expect(/6\r\n/);
  terminal.type("exit 9\r");
  assert.equal((await shell.exited).code, 9);
});

test("less pages and searches", async () => {
  const pager = await machine.spawn(["bash", "-c", "seq 1000 | less"], { tty: true, env: { TERM: "xterm" } });
  await terminal.expect(/1\r?\n2\r?\n3/);
  await terminal.send("/777\r", /777/);
  await terminal.send("G", /1000/);
  terminal.type("q");
  assert.equal((await pager.exited).code, 0);
});

test("vim edits a file and writes it", async () => {
  const editor = await machine.spawn(["vim", "-u", "NONE", "/root/v.txt"], { tty: true, env: { TERM: "xterm" } });
  await terminal.expect(/v\.txt/);
  terminal.type("ihello from vim\x1b");
  await terminal.expect(/hello from vim/);
  terminal.type("yyp:%s/hello/bye/\r:wq\r");
  assert.equal((await editor.exited).code, 0);
  assert.equal(machine.fs.text("/root/v.txt"), "bye from vim\nbye from vim\n");
});

test("top shows the processes and goes at q", async () => {
  const top = await machine.spawn(["top", "-d", "0.2"], { tty: true, env: { TERM: "xterm" } });
  await terminal.expect(/Tasks:/);
  await terminal.expect(/top - /);
  terminal.type("q");
  assert.equal((await top.exited).code, 0);
});

test("python3's prompt evaluates", async () => {
  const python = await machine.spawn(["python3", "-q"], { tty: true, env: { TERM: "dumb", PYTHON_BASIC_REPL: "1" } });
  await terminal.expect(/>>> /);
  await terminal.send("print(6 * 7)\r", /\n42\r\n/);
  terminal.type("\x04");
  assert.equal((await python.exited).code, 0);
});
