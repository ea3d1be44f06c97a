// Making kernel modules: from a TypeScript or JavaScript file to a .ko, keys, signatures. What a .ko is: abi/module.ts.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import * as fs from "node:fs";
import { appendSignature, MODULE_NAME, type ModuleFile, splitSignature, writeModule } from "../../abi/module.ts";
import { VERMAGIC } from "../../abi/version.ts";
import type { ModuleCode } from "../../kernel/module/module.ts";
import type { ModuleKey } from "../../kernel/module/modules.ts";
import { keyIdOf } from "../../kernel/module/signature.ts";
import { compile } from "./module-code.ts";

/** One plain line for whoever makes a module. */
export class ModuleError extends Error {
  override readonly name = "ModuleError";
}

/** What a module says of itself: `export const info`. */
interface ModuleInfo {
  readonly name: string;
  readonly license?: string;
  readonly description?: string;
  readonly author?: string;
  readonly version?: string;
  /** "char-major-240-*", "fs-example". */
  readonly alias?: readonly string[];
  /** Symbols of other modules. */
  readonly imports?: readonly string[];
  /** Modules that should be there, though it uses no symbol of theirs. */
  readonly softdep?: string;
}

/** Builds the .ko of a source file: its imports bundled, its metadata taken from what it exports. */
export async function buildModule(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const { build } = await import("esbuild").catch(() => {
    throw new ModuleError("building a module needs esbuild: npm install esbuild");
  });
  const result = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "neutral",
    target: "es2024",
    logLevel: "silent",
  }).catch((error: { errors?: { text: string; location?: { file: string; line: number } | null }[] }) => {
    const [first] = error.errors ?? [];
    const place = first?.location ? `${first.location.file}:${first.location.line}: ` : "";
    throw new ModuleError(`can't build ${source}: ${place}${first?.text ?? String(error)}`);
  });
  return packModule(result.outputFiles[0]!.text, source);
}

/** Code as a .ko: it is run once, to be asked what it is. */
export function packModule(code: string, source: string): Uint8Array<ArrayBuffer> {
  const exported = compile(code, source)?.() as (ModuleCode & { info?: ModuleInfo }) | undefined;
  if (!exported) throw new ModuleError(`${source} is no JavaScript`);
  const { info, parameters = {}, symbols = {} } = exported;
  if (!info || !MODULE_NAME.test(info.name ?? "")) {
    throw new ModuleError(`${source}: \`export const info = { name: "…" }\` is missing, or no name (a-z, 0-9, _)`);
  }
  const lines: [string, string][] = [];
  for (const key of ["version", "description", "author", "license", "softdep"] as const) {
    if (info[key] !== undefined) lines.push([key, String(info[key])]);
  }
  for (const alias of info.alias ?? []) lines.push(["alias", alias]);
  for (const [name, { type, description }] of Object.entries(parameters)) {
    lines.push(["parmtype", `${name}:${type}`]);
    if (description !== undefined) lines.push(["parm", `${name}:${description}`]);
  }
  lines.push(["depends", ""], ["name", info.name], ["vermagic", VERMAGIC]);
  const file: ModuleFile = {
    name: info.name,
    info: lines,
    exports: Object.keys(symbols),
    imports: [...(info.imports ?? [])],
    code,
  };
  return writeModule(file);
}

/** `key`: a public one, or a private one that it is part of. */
const rawPublic = (key: KeyObject): Uint8Array => {
  const open = key.type === "private" ? createPublicKey(key) : key;
  return Uint8Array.from(open.export({ format: "der", type: "spki" }).subarray(-32));
};

/** Signs a module's file, in place of a signature that it may have. `key`: a private Ed25519 key as PEM. */
export function signModule(file: Uint8Array, key: string, signer: string): Uint8Array<ArrayBuffer> {
  const secret = privateKey(key);
  const { content } = splitSignature(file);
  const signature = Uint8Array.from(sign(undefined, content, secret));
  return appendSignature(content, { signer, keyId: keyIdOf(rawPublic(secret)), signature });
}

function privateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw new ModuleError("not a private key in PEM", { cause });
  }
  throw new ModuleError("not an Ed25519 key");
}

export function generateKey(): { secret: string; open: string } {
  const { publicKey, privateKey: secret } = generateKeyPairSync("ed25519");
  return {
    secret: secret.export({ format: "pem", type: "pkcs8" }).toString(),
    open: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

/** A public key from a PEM file (a private one holds it too). */
export function readModuleKey(path: string): ModuleKey {
  let key: KeyObject;
  try {
    key = createPublicKey(fs.readFileSync(path));
  } catch (error) {
    throw new ModuleError(`can't read the key ${path}: ${(error as Error).message}`);
  }
  if (key.asymmetricKeyType !== "ed25519") throw new ModuleError(`${path} is no Ed25519 key`);
  return { name: path, key: rawPublic(key) };
}
