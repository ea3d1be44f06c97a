// Puts the interpreter's modules in the place of src/machine/interpreter/prepared.ts when something is bundled.
import type { Plugin } from "esbuild";
import { FILE_SIZE } from "../src/machine/context.ts";
import { generateFloat } from "../src/machine/interpreter/float-module.ts";
import { generate } from "../src/machine/interpreter/generate.ts";
import { Ram } from "../src/machine/ram.ts";
import { fingerprint } from "../src/machine/translator/fingerprint.ts";

/** How the bundle's platform turns base64 text into bytes. */
const decoders = {
  node: `(text) => new Uint8Array(Buffer.from(text, "base64"))`,
  browser: `(text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))`,
};

export const prepared = (platform: keyof typeof decoders): Plugin => ({
  name: "prepared",
  setup({ onLoad }) {
    onLoad({ filter: /interpreter\/prepared\.ts$/ }, () => {
      const { codeTable } = new Ram({ maximum: 1 << 20 });
      const base64 = (bytes: Uint8Array): string => `"${Buffer.from(bytes).toString("base64")}"`;
      const contents = `const bytes = ${decoders[platform]};
export const prepared = {
  file: ${FILE_SIZE},
  codeTable: ${codeTable},
  interpreter: () => bytes(${base64(generate(FILE_SIZE, codeTable))}),
  float: (fused) => bytes(fused
    ? ${base64(generateFloat(FILE_SIZE, true))}
    : ${base64(generateFloat(FILE_SIZE, false))}),
  fingerprint: (fused) => fused
    ? ${fingerprint({ file: FILE_SIZE, fusedMadd: true })}
    : ${fingerprint({ file: FILE_SIZE, fusedMadd: false })},
};`;
      return { contents, loader: "js" };
    });
  },
});
