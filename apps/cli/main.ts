#!/usr/bin/env node
// Where the command line starts: what Node compiles of it is kept for the next time.
import { enableCompileCache } from "node:module";

enableCompileCache?.();
await import("./commands.ts");
