// What code lies at an address of a program: the file that is mapped there with its symbols and frame descriptions, what
// a JIT says of the code that it made, the vDSO, or the kernel.
import { AT_FDCWD, O_RDONLY } from "../../abi/flags.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { KernelBuffer } from "../../kernel/mm/user.ts";
import type { Task } from "../../kernel/task/task.ts";
import { File } from "../../kernel/vfs/file.ts";
import type { Inode } from "../../kernel/vfs/inode.ts";
import { openPath } from "../../kernel/vfs/open.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { fromText, toText } from "../../lib/byte-string.ts";
import { type FrameIndex, frameIndex, type Memory, type Rules, rangeAt, rulesAt } from "../unwind/cfi.ts";
import { ElfFile, type ReadAt } from "./elf-file.ts";
import { type LineSections, type SourceLine, sourceLine } from "./line-table.ts";
import { type CodeSymbol, SymbolTable } from "./symbol-table.ts";

/** Reads an open file without moving its position. */
function reader(file: File): ReadAt {
  return (offset, length) => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const n = file.ops.read?.(file, new KernelBuffer(bytes.subarray(done)), offset + done);
      if (typeof n !== "number" || n < 0) return undefined;
      if (n === 0) return bytes.subarray(0, done);
      done += n;
    }
    return bytes;
  };
}

/** Symbols and frame descriptions are read a few bytes at a time, from files that may be the host's. */
const PIECE = 1 << 16;

/** Reads a file that does not change, in pieces that are kept. */
function keptReader(file: File): ReadAt {
  const read = reader(file);
  const pieces = new Map<number, Uint8Array | undefined>();
  const piece = (index: number): Uint8Array | undefined => {
    if (!pieces.has(index)) pieces.set(index, read(index * PIECE, PIECE));
    return pieces.get(index);
  };
  return (offset, length) => {
    const first = Math.floor(offset / PIECE);
    const within = offset - first * PIECE;
    if (within + length <= PIECE) return piece(first)?.subarray(within, within + length);
    return read(offset, length);
  };
}

/** Gives the file's bytes to `use` if it can be opened. */
function withFile<T>(kernel: Kernel, path: string, use: (file: File) => T): T | undefined {
  const file = openPath(kernel.tasks.init!.leader, AT_FDCWD, fromText(path), O_RDONLY);
  if (!(file instanceof File)) return undefined;
  try {
    return use(file);
  } finally {
    file.unref();
  }
}

/** A file, or something else that code comes from. */
export class Module {
  readonly path: string;
  readonly elf: ElfFile | undefined;
  /** The process whose code a JIT made; undefined elsewhere. */
  readonly pid: number | undefined;
  protected readonly symbols = new SymbolTable();
  /** Where frame descriptions are read; undefined where there are none. */
  private readonly memory: Memory | undefined;
  private lines: LineSections | undefined;
  private linesSought = false;
  private readonly frames: number | FrameIndex = 0;
  private readonly rules = new Map<number, Rules | undefined>();

  constructor(path: string, elf?: ElfFile, pid?: number) {
    this.path = path;
    this.elf = elf;
    this.pid = pid;
    const section = elf?.ehFrame;
    if (elf && (elf.ehFrameHeader !== 0 || section)) {
      const memory: Memory = (at, length) => {
        const bytes = elf.bytes(at, length);
        return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      };
      this.memory = memory;
      // Static programs have no header.
      this.frames = elf.ehFrameHeader || (section ? frameIndex(memory, section.address, section.size) : 0);
    }
    elf?.addSymbols(this.symbols);
  }

  /** Takes the symbols of its debug file, if it is there: by build ID, or where .gnu_debuglink says. */
  addDebugFile(kernel: Kernel): void {
    const { elf, path } = this;
    if (!elf?.stripped) return;
    const { buildId, debugLink } = elf;
    const folder = path.slice(0, path.lastIndexOf("/"));
    const places = [
      ...(buildId ? [`/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`] : []),
      ...(debugLink
        ? [`${folder}/${debugLink}`, `${folder}/.debug/${debugLink}`, `/usr/lib/debug${folder}/${debugLink}`]
        : []),
    ];
    for (const place of places) {
      const found = withFile(kernel, place, (file) => {
        const debug = ElfFile.open(reader(file));
        if (!debug || debug.stripped || debug.buildId !== buildId) return false;
        debug.addSymbols(this.symbols);
        this.lines ??= debug.lineSections;
        return true;
      });
      if (found) return;
    }
  }

  /** Address of CPython's state, in a file that has its interpreter; else 0. */
  get pythonRuntime(): number {
    this.python ??= this.elf?.addressOfSymbol("_PyRuntime") ?? 0;
    return this.python;
  }
  private python: number | undefined;

  addSymbol(start: number, name: string): void {
    this.symbols.add(start, 0, name);
  }

  /** The function at `address`. One that has no name still has a beginning and an end, if unwinders know of it. */
  symbol(address: number): CodeSymbol | undefined {
    const named = this.symbols.find(address);
    if (named || !this.memory) return named;
    const range = rangeAt(this.memory, this.frames, address);
    return range && { start: range.start, end: range.end, name: "" };
  }

  /** The variable at `address`. */
  variable(address: number): CodeSymbol | undefined {
    if (!this.variables) {
      this.variables = new SymbolTable();
      this.elf?.addVariables(this.variables);
    }
    return this.variables.find(address);
  }
  private variables: SymbolTable | undefined;

  /** The line of source at `address`, of it or of its debug file. */
  sourceLine(address: number): SourceLine | undefined {
    if (!this.lines && !this.linesSought) this.lines = this.elf?.lineSections;
    this.linesSought = true;
    return this.lines && sourceLine(this.lines, address);
  }

  /** How to get to the caller from the instruction at `address`. */
  rulesAt(address: number): Rules | undefined {
    if (!this.memory) return undefined;
    const known = this.rules.get(address);
    if (known || this.rules.has(address)) return known;
    const rules = rulesAt(this.memory, this.frames, address);
    this.rules.set(address, rules);
    return rules;
  }
}

/** Code that a process made itself, with the names that it wrote to /tmp/perf-PID.map. */
class JitModule extends Module {
  private readonly kernel: Kernel;
  private seen = 0;

  constructor(kernel: Kernel, pid: number) {
    super(`/tmp/perf-${pid}.map`, undefined, pid);
    this.kernel = kernel;
  }

  /** Reads what was written since. */
  update(): void {
    withFile(this.kernel, this.path, (file) => {
      file.inode.refresh();
      const bytes = file.inode.size > this.seen ? reader(file)(this.seen, file.inode.size - this.seen) : undefined;
      const end = bytes ? bytes.lastIndexOf(10) + 1 : 0;
      if (!bytes || end === 0) return;
      this.seen += end;
      this.symbols.addPerfMap(new TextDecoder().decode(bytes.subarray(0, end)));
    });
  }

  override symbol(address: number): CodeSymbol | undefined {
    const found = super.symbol(address);
    if (found) return found;
    this.update();
    return super.symbol(address);
  }
}

/** Where code is: in what, and at which address of that. */
export interface Place {
  module: Module;
  address: number;
}

export class Modules {
  readonly kernelModule = new Module("[kernel.kallsyms]");
  readonly vdso: Module;
  private readonly kernel: Kernel;
  private readonly files = new Map<Inode, Module>();
  private readonly made = new Map<number, JitModule>();
  /** Files that are read until the end, also after the programs that had them open. */
  private readonly held: File[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { image } = kernel.vdso;
    this.vdso = new Module(
      "[vdso]",
      ElfFile.open((offset, length) => image.slice(offset, offset + length)),
    );
    // It has no section headers.
    for (const [name, offset] of kernel.vdso.symbols) this.vdso.addSymbol(offset, name);
  }

  /** Finds what `pc` lies in; the same object each time, to be read at once. */
  locate(task: Task, pc: number): Place {
    const { place } = this;
    const area = task.mm.areas.find(pc);
    if (area?.file) {
      const offset = area.offset + (pc - area.start);
      place.module = this.file(task, area.file);
      place.address = place.module.elf?.addressOf(offset) ?? offset;
    } else if (area?.name === "[vdso]") {
      place.module = this.vdso;
      place.address = pc - area.start;
    } else {
      place.module = this.jit(task.group.pid);
      place.address = pc;
    }
    return place;
  }
  private readonly place: Place = { module: this.kernelModule, address: 0 };

  private file(task: Task, file: File): Module {
    const { inode } = file;
    let module = this.files.get(inode);
    if (!module) {
      this.held.push(file.ref());
      module = new Module(toText(pathName(file.path, task.fs.root)), ElfFile.open(keptReader(file)));
      module.addDebugFile(this.kernel);
      this.files.set(inode, module);
    }
    return module;
  }

  private jit(pid: number): Module {
    let module = this.made.get(pid);
    if (!module) {
      module = new JitModule(this.kernel, pid);
      this.made.set(pid, module);
    }
    return module;
  }

  /** A process ends: its map file may be removed soon. */
  ended(pid: number): void {
    this.made.get(pid)?.update();
  }

  /** Lets go of the files. */
  close(): void {
    for (const file of this.held.splice(0)) file.unref();
  }
}
