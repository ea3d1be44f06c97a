// The contract of the host interface, in a browser's worker: a line for each check goes to the page.
import { consoleContract, hostContract } from "../../src/host/contract.ts";
import { PageConsole } from "../../src/hosts/browser/console.ts";
import { browserHost } from "../../src/hosts/browser/host.ts";

function pageConsole() {
  const pieces: Uint8Array[] = [];
  const console = new PageConsole(80, 24, (bytes) => pieces.push(bytes));
  const turn = (): Promise<void> => new Promise((over) => setTimeout(over));
  let taken = 0;
  return {
    console,
    received: () => Uint8Array.from(pieces.flatMap((piece) => [...piece])),
    async take() {
      await turn();
      for (; taken < pieces.length; taken++) console.taken(pieces[taken]!.length);
      await turn();
    },
    type: (bytes: Uint8Array) => console.input(bytes),
  };
}

const results: string[] = [];
for (const { name, run } of [...hostContract(browserHost()), ...consoleContract(pageConsole)]) {
  try {
    await run();
    results.push(`ok ${name}`);
  } catch (error) {
    results.push(`not ok ${name}: ${String(error)}`);
  }
}
postMessage(results);
