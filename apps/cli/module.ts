// `airside module …`: builds kernel modules, makes keys, signs, tells what a .ko holds. docs/modules.md
import * as fs from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { errnoName } from "../../src/abi/errno.ts";
import { readModule, splitSignature } from "../../src/abi/module.ts";
import { buildModule, generateKey, ModuleError, readModuleKey, signModule } from "../../src/hosts/node/modules.ts";
import { keyIdOf } from "../../src/kernel/module/signature.ts";
import { verifyEd25519 } from "../../src/lib/ed25519.ts";
import { collect } from "./run.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function read(path: string): Buffer {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    throw new ModuleError(`can't read ${path}: ${(error as Error).message}`);
  }
}

/** One plain line for what goes wrong. */
const reporting =
  <Args extends unknown[]>(action: (...args: Args) => Promise<void> | void) =>
  async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      process.stderr.write(`airside: ${error.message}\n`);
      process.exitCode = 1;
    }
  };

interface BuildFlags {
  output?: string;
  key?: string;
  signer: string;
}

async function build(source: string, flags: BuildFlags): Promise<void> {
  const file = await buildModule(source);
  const signed = flags.key === undefined ? file : signModule(file, read(flags.key).toString(), flags.signer);
  const output = flags.output ?? `${basename(source).replace(/\.[cm]?[jt]s$/, "")}.ko`;
  fs.writeFileSync(output, signed);
  process.stdout.write(`${output}: ${signed.length} bytes${flags.key === undefined ? ", not signed" : ""}\n`);
}

function keygen(path: string): void {
  if (fs.existsSync(path)) throw new ModuleError(`${path} is there already`);
  const { secret, open } = generateKey();
  fs.writeFileSync(path, secret, { mode: 0o600 });
  fs.writeFileSync(`${path}.pub`, open);
  process.stdout.write(`${path}: keep it to yourself\n${path}.pub: for airside run --module-key\n`);
}

function signFile(path: string, flags: { key: string; signer: string }): void {
  fs.writeFileSync(path, signModule(read(path), read(flags.key).toString(), flags.signer));
}

function info(path: string, flags: { moduleKey: string[] }): void {
  const { content, signed } = splitSignature(new Uint8Array(read(path)));
  const module = readModule(content);
  if (typeof module === "number") throw new ModuleError(`${path} is no kernel module (${errnoName(module)})`);
  const lines: (readonly [string, string])[] = [
    ["name", module.name],
    ...module.info.filter(([key]) => key !== "name"),
  ];
  if (module.exports.length > 0) lines.push(["exports", module.exports.join(" ")]);
  if (module.imports.length > 0) lines.push(["imports", module.imports.join(" ")]);
  if (typeof signed === "number") lines.push(["signature", `none (${errnoName(signed)})`]);
  else {
    lines.push(["signer", signed.signer], ["key", hex(signed.keyId)]);
    const key = flags.moduleKey.map(readModuleKey).find((each) => hex(keyIdOf(each.key)) === hex(signed.keyId));
    const verdict = key
      ? verifyEd25519(key.key, content, signed.signature)
        ? `good (${key.name})`
        : "wrong"
      : "not checked";
    lines.push(["signature", verdict]);
  }
  process.stdout.write(lines.map(([key, value]) => `${`${key}:`.padEnd(16)}${value}\n`).join(""));
}

export const moduleCommand = (): Command => {
  const command = new Command("module").description("make kernel modules");
  command
    .command("build")
    .argument("<source>", "the module's TypeScript or JavaScript")
    .option("-o, --output <file>", "what to write (otherwise NAME.ko here)")
    .option("--key <file>", "sign it with this private key")
    .option("--signer <name>", "whose signature it is, for people", "airside module")
    .description("build a module for this version of the kernel")
    .action(reporting(build));
  command
    .command("keygen")
    .argument("<file>", "where the private key goes; the public one goes to FILE.pub")
    .description("make a key pair (Ed25519)")
    .action(reporting(keygen));
  command
    .command("sign")
    .argument("<module>", "a .ko; its signature is replaced if it has one")
    .requiredOption("--key <file>", "the private key")
    .option("--signer <name>", "whose signature it is, for people", "airside module")
    .description("sign a module")
    .action(reporting(signFile));
  command
    .command("info")
    .argument("<module>")
    .option("--module-key <file>", "check the signature with this public key", collect, [])
    .description("say what a .ko holds and who signed it")
    .action(reporting(info));
  return command;
};
