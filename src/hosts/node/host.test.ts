import { test } from "node:test";
import { hostContract } from "../../host/contract.ts";
import { nodeHost } from "./host.ts";

for (const { name, run } of hostContract(nodeHost)) test(`Node.js as a host: ${name}`, run);
