// What the kernel relies on: exact faults, fuel, fences, and that translations never outlive their page-table entries.
// Programs are written as words: the encodings are spelled by the small assembler below.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Context, EXIT_EBREAK, EXIT_ECALL, EXIT_FAULT, EXIT_ILLEGAL, EXIT_TIMER, Hart } from "./hart.ts";
import { PageTable, PTE_A, PTE_D, PTE_R, PTE_S0, PTE_V, PTE_W, PTE_X, USER_TOP } from "./page-table.ts";
import { PAGE_SIZE, Ram } from "./ram.ts";
import { ACCESS_EXECUTE, ACCESS_READ, ACCESS_WRITE, FAULT_MISALIGNED, FAULT_PAGE, FAULT_RANGE } from "./trap.ts";

const I = (imm: number, rs1: number, f3: number, rd: number, opcode: number) =>
  ((imm << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | opcode) >>> 0;
const addi = (rd: number, rs1: number, imm: number) => I(imm, rs1, 0, rd, 0x13);
const ld = (rd: number, rs1: number, imm: number) => I(imm, rs1, 3, rd, 0x03);
const lw = (rd: number, rs1: number, imm: number) => I(imm, rs1, 2, rd, 0x03);
const store = (f3: number) => (rs2: number, rs1: number, imm: number) =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (f3 << 12) | ((imm & 31) << 7) | 0x23) >>> 0;
const sd = store(3);
const sw = store(2);
const jalr = (rd: number, rs1: number) => I(0, rs1, 0, rd, 0x67);
const j = (offset: number) =>
  (((offset & 0x100000) << 11) | ((offset & 0x7fe) << 20) | ((offset & 0x800) << 9) | (offset & 0xff000) | 0x6f) >>> 0;
const ECALL = 0x73;
const EBREAK = 0x100073;
const FENCE_I = 0x100f;
const rdinstret = (rd: number) => I(0xc02, 0, 2, rd, 0x73);
const rdtime = (rd: number) => I(0xc01, 0, 2, rd, 0x73);
const amoaddW = (rd: number, rs2: number, rs1: number) =>
  ((rs2 << 20) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f) >>> 0;

const CODE = 0x10000;
const DATA = 0x40000;
const R = PTE_V | PTE_R;
const RW = R | PTE_W;
const RX = R | PTE_X;
const RWX = RW | PTE_X;

class Bench {
  readonly ram = new Ram({ maximum: 16 << 20 });
  readonly hart = new Hart(this.ram);
  readonly table = PageTable.create(this.ram)!;
  readonly context = Context.create(this.ram)!;

  constructor(engine: "translator" | "interpreter" | "recording" | "reference") {
    this.hart.engine = engine === "recording" ? "translator" : engine;
    if (engine === "translator") this.hart.translateEagerly();
    if (engine === "recording") this.hart.record({ counts: true, calls: true });
  }

  map(va: number, flags: number, table = this.table): number {
    const frame = this.ram.allocFrame();
    table.set(va, frame | flags);
    return frame;
  }

  write(frame: number, offset: number, words: number[]): void {
    words.forEach((word, i) => {
      this.ram.view.setUint32(frame + offset + 4 * i, word, true);
    });
    this.ram.codeWritten(frame);
  }

  code(words: number[], flags = RX): number {
    const frame = this.map(CODE, flags);
    this.write(frame, 0, words);
    this.context.pc = CODE;
    return frame;
  }

  run(fuel = 1000): number {
    return this.hart.run(this.context, this.table, fuel);
  }
}

for (const engine of ["translator", "interpreter", "recording", "reference"] as const) {
  describe(engine, () => {
    test("ecall leaves pc at the instruction, and is not retired", () => {
      const b = new Bench(engine);
      b.code([addi(10, 0, 7), ECALL]);
      assert.equal(b.run(), EXIT_ECALL);
      assert.equal(b.context.pc, CODE + 4);
      assert.equal(b.context.x(10), 7n);
      assert.equal(b.hart.retired, 1);
      b.context.pc += 4;
      b.write(b.table.get(CODE) & ~0xfff, 8, [EBREAK]);
      assert.equal(b.run(), EXIT_EBREAK);
    });

    test("fuel is exact: n instructions retire, and the run goes on where it stopped", () => {
      const b = new Bench(engine);
      b.code([...Array.from({ length: 50 }, (_, i) => addi(1 + (i % 30), 1 + (i % 30), 1)), EBREAK]);
      for (let fuel = 0, sum = 0; sum < 50; fuel++) {
        const expected = Math.min(fuel, 50 - sum);
        const exit = b.run(fuel);
        sum += b.hart.retired;
        assert.equal(b.hart.retired, expected);
        assert.equal(b.context.pc, CODE + 4 * sum);
        assert.equal(exit, sum === 50 && fuel > expected ? EXIT_EBREAK : EXIT_TIMER);
      }
    });

    test("fuel is exact across jumps between pages, faults and fallbacks to the reference", () => {
      const b = new Bench(engine);
      const second = b.map(CODE + PAGE_SIZE, RX);
      // a loop over two pages with a CSR read in it: 4 instructions a round
      b.code([rdinstret(5), j(PAGE_SIZE - 4)]);
      b.write(second, 0, [addi(6, 6, 1), j(-PAGE_SIZE - 4)]);
      for (const fuel of [1, 2, 3, 5, 7, 100, 1001]) {
        assert.equal(b.run(fuel), EXIT_TIMER);
        assert.equal(b.hart.retired, fuel);
      }
      assert.equal(b.context.x(6), BigInt(Math.floor((1 + 2 + 3 + 5 + 7 + 100 + 1001 + 1) / 4)));
    });

    test("a load from no page faults with its address, and changes nothing", () => {
      const b = new Bench(engine);
      b.code([ld(7, 8, 16), ECALL]);
      b.context.setXn(7, 99);
      for (const [address, kind] of [
        [DATA, FAULT_PAGE],
        [0, FAULT_PAGE],
        [USER_TOP, FAULT_RANGE],
        [-4096, FAULT_RANGE],
        [-(2 ** 52), FAULT_RANGE],
      ] as const) {
        b.context.setXn(8, address - 16);
        b.context.pc = CODE;
        assert.equal(b.run(), EXIT_FAULT);
        assert.equal(b.hart.faultAddressBits, BigInt.asUintN(64, BigInt(address)));
        assert.equal(b.hart.faultAccess, ACCESS_READ);
        assert.equal(b.hart.faultKind, kind);
        assert.equal(b.context.pc, CODE);
        assert.equal(b.context.x(7), 99n);
        assert.equal(b.hart.retired, 0);
      }
    });

    test("permissions: a store needs W, a load R, a fetch X; a refused access is tried again after set()", () => {
      const b = new Bench(engine);
      b.code([sd(9, 8, 0), ld(7, 8, 0), ECALL]);
      const frame = b.map(DATA, R);
      b.context.setXn(8, DATA);
      b.context.setXn(9, 1234);
      assert.equal(b.run(), EXIT_FAULT);
      assert.equal(b.hart.faultAccess, ACCESS_WRITE);
      // copy-on-write as the kernel resolves it: another frame, and the page becomes writable
      const copy = b.ram.allocFrame();
      b.table.set(DATA, copy | RW);
      assert.equal(b.run(), EXIT_ECALL);
      assert.equal(b.context.x(7), 1234n);
      assert.equal(b.ram.u32[frame >>> 2], 0);
      assert.equal(b.ram.u32[copy >>> 2], 1234);
      b.context.pc = DATA;
      assert.equal(b.run(), EXIT_FAULT);
      assert.equal(b.hart.faultAccess, ACCESS_EXECUTE);
      assert.equal(b.hart.faultAddress, DATA);
      assert.equal(b.context.pc, DATA);
    });

    test("taking W away, unmapping and remapping are seen by cached translations", () => {
      const b = new Bench(engine);
      b.code([sd(9, 8, 0), ECALL]);
      const frame = b.map(DATA, RW);
      b.context.setXn(8, DATA);
      assert.equal(b.run(), EXIT_ECALL);
      const again = (expected: number) => {
        b.context.pc = CODE;
        assert.equal(b.run(), expected);
      };
      b.table.forEach(DATA, DATA + PAGE_SIZE, (_, pte) => (pte & ~PTE_W) | PTE_S0);
      again(EXIT_FAULT);
      b.table.set(DATA, frame | RW);
      again(EXIT_ECALL);
      const child = PageTable.create(b.ram)!;
      child.copyRange(b.table, 0, USER_TOP, PTE_W, PTE_S0);
      again(EXIT_FAULT);
      b.table.set(DATA, frame | RW);
      again(EXIT_ECALL);
      b.table.clearRange(DATA, DATA + PAGE_SIZE);
      again(EXIT_FAULT);
      assert.equal(b.hart.faultAddress, DATA);
    });

    test("A is set by a load, A and D by a store, A by a fetch", () => {
      const b = new Bench(engine);
      b.code([ld(7, 8, 0), ECALL, sd(7, 8, 0), ECALL]);
      b.map(DATA, RW);
      b.context.setXn(8, DATA);
      b.run();
      assert.equal(b.table.get(DATA) & (PTE_A | PTE_D), PTE_A);
      assert.equal(b.table.get(CODE) & (PTE_A | PTE_D), PTE_A);
      b.context.pc += 4;
      b.run();
      assert.equal(b.table.get(DATA) & (PTE_A | PTE_D), PTE_A | PTE_D);
    });

    test("misaligned loads and stores work, also over the border of two pages", () => {
      const b = new Bench(engine);
      b.code([sd(9, 8, 0), ld(7, 8, 0), lw(6, 8, 2), ECALL]);
      const [first, second] = [b.map(DATA, RW), b.map(DATA + PAGE_SIZE, RW)];
      b.context.setX(9, 0x8877665544332211n);
      for (const offset of [1, 3, 4, 7, PAGE_SIZE - 4, PAGE_SIZE - 7, PAGE_SIZE - 1]) {
        b.context.pc = CODE;
        b.context.setXn(8, DATA + offset);
        assert.equal(b.run(), EXIT_ECALL);
        assert.equal(b.hart.retired, 3);
        assert.equal(b.context.x(7), 0x8877665544332211n);
        assert.equal(b.context.x(6), 0x66554433n);
      }
      assert.equal(b.ram.u8[first + PAGE_SIZE - 1], 0x11);
      assert.equal(b.ram.u8[second], 0x22);
    });

    test("accesses through one base, at every distance from the border of two pages, with and without the second", () => {
      const b = new Bench(engine);
      b.code([ld(5, 8, 0), sd(9, 8, 12), lw(6, 8, 5), addi(7, 7, 1), ECALL]);
      const [second, first] = [b.map(DATA + PAGE_SIZE, RW), b.map(DATA, RW)]; // not side by side in memory
      for (const present of [true, false]) {
        if (!present) b.table.clearRange(DATA + PAGE_SIZE, DATA + 2 * PAGE_SIZE);
        for (let at = -24; at <= 0; at++) {
          for (let i = 0; i < 32; i++) {
            b.ram.u8[first + PAGE_SIZE - 32 + i] = i + 1;
            b.ram.u8[second + i] = i + 33;
          }
          b.context.setXn(8, DATA + PAGE_SIZE + at);
          b.context.setX(9, 0x0102030405060708n);
          b.context.pc = CODE;
          const exit = b.run();
          // the first of the accesses whose last byte lies on the second page
          const misses = present ? -1 : [7, 19].findIndex((last) => at + last >= 0);
          assert.equal(exit, misses < 0 ? EXIT_ECALL : EXIT_FAULT);
          assert.equal(b.hart.retired, misses < 0 ? 4 : misses);
          if (misses >= 0) {
            assert.equal(b.hart.faultAddress, DATA + PAGE_SIZE + Math.max(0, at + [0, 12][misses]!));
            continue;
          }
          const byte = (i: number) => BigInt(at + i + 33);
          let expected = 0n;
          for (let i = 7; i >= 0; i--) expected = (expected << 8n) | byte(i);
          assert.equal(b.context.x(5), expected);
          assert.equal(
            b.context.x(6),
            [8, 7, 6, 5].reduce((sum, i) => (sum << 8n) | byte(i), 0n),
          );
          for (let i = 0; i < 8; i++) {
            const place = at + 12 + i;
            assert.equal(b.ram.u8[place < 0 ? first + PAGE_SIZE + place : second + place], 8 - i);
          }
        }
      }
    });

    test("a misaligned store whose second page is missing writes nothing", () => {
      const b = new Bench(engine);
      b.code([sd(9, 8, 0), ECALL]);
      const frame = b.map(DATA, RW);
      b.context.setX(9, -1n);
      b.context.setXn(8, DATA + PAGE_SIZE - 4);
      assert.equal(b.run(), EXIT_FAULT);
      assert.equal(b.hart.faultAddress, DATA + PAGE_SIZE);
      assert.equal(b.hart.faultAccess, ACCESS_WRITE);
      assert.equal(b.ram.u32[(frame + PAGE_SIZE - 4) >>> 2], 0);
    });

    test("a misaligned atomic is a misaligned fault", () => {
      const b = new Bench(engine);
      b.code([amoaddW(7, 9, 8)]);
      b.map(DATA, RW);
      b.context.setXn(8, DATA + 2);
      assert.equal(b.run(), EXIT_FAULT);
      assert.equal(b.hart.faultKind, FAULT_MISALIGNED);
      assert.equal(b.hart.faultAddress, DATA + 2);
    });

    test("an instruction that straddles two pages runs, and faults at the second page when that is missing", () => {
      const b = new Bench(engine);
      const frame = b.code([]);
      b.ram.view.setUint16(frame + PAGE_SIZE - 2, addi(7, 7, 5) & 0xffff, true);
      b.context.pc = CODE + PAGE_SIZE - 2;
      assert.equal(b.run(), EXIT_FAULT);
      assert.equal(b.hart.faultAddress, CODE + PAGE_SIZE);
      assert.equal(b.hart.faultAccess, ACCESS_EXECUTE);
      assert.equal(b.context.pc, CODE + PAGE_SIZE - 2);
      const second = b.map(CODE + PAGE_SIZE, RX);
      b.ram.view.setUint16(second, addi(7, 7, 5) >>> 16, true);
      b.ram.view.setUint16(second + 2, 0x9002, true); // c.ebreak
      assert.equal(b.run(), EXIT_EBREAK);
      assert.equal(b.context.x(7), 5n);
      assert.equal(b.context.pc, CODE + PAGE_SIZE + 2);
      assert.equal(b.hart.retired, 1);
    });

    test("a straddling jump reaches its target, backwards and forwards", () => {
      const b = new Bench(engine);
      const frame = b.code([EBREAK]);
      const second = b.map(CODE + PAGE_SIZE, RX);
      for (const [target, offset] of [
        [CODE, -(PAGE_SIZE - 2)],
        [CODE + PAGE_SIZE + 256, 258],
      ] as const) {
        b.ram.view.setUint16(frame + PAGE_SIZE - 2, j(offset) & 0xffff, true);
        b.ram.view.setUint16(second, j(offset) >>> 16, true);
        b.write(second, 256, [EBREAK]);
        b.ram.codeWritten(frame);
        b.context.pc = CODE + PAGE_SIZE - 2;
        assert.equal(b.run(), EXIT_EBREAK);
        assert.equal(b.context.pc, target);
        assert.equal(b.hart.retired, 1);
      }
    });

    test("a jump reaches as far as it can, both ways", () => {
      const b = new Bench(engine);
      const at = 2 * 2 ** 20 + PAGE_SIZE - 16;
      const frame = b.map(at - (at % PAGE_SIZE), RX);
      for (const distance of [2 ** 20 - 2, -(2 ** 20)]) {
        const target = at + distance;
        const there = b.map(target - (target % PAGE_SIZE), RX);
        b.ram.view.setUint16(there + (target % PAGE_SIZE), 0x9002, true); // c.ebreak
        b.ram.codeWritten(there);
        b.write(frame, at % PAGE_SIZE, [j(distance)]);
        // Once to be seen, once translated.
        for (let round = 0; round < 3; round++) {
          b.context.pc = at;
          assert.equal(b.run(), EXIT_EBREAK);
          assert.equal(b.context.pc, target);
        }
      }
    });

    test("fence.i: code stored before it is what runs after it", () => {
      const b = new Bench(engine);
      // x8 points at the addi below; the loop rewrites its immediate through a second mapping
      b.code([sw(9, 8, 0), FENCE_I, addi(7, 7, 1), EBREAK], RWX);
      b.table.set(DATA, (b.table.get(CODE) & ~0xfff) | RW);
      b.context.setXn(8, DATA + 8);
      let expected = 0n;
      for (const step of [1, 2, 3, 100]) {
        b.context.setXn(9, addi(7, 7, step));
        b.context.pc = CODE;
        assert.equal(b.run(), EXIT_EBREAK);
        assert.equal(b.hart.retired, 3);
        expected += BigInt(step);
        assert.equal(b.context.x(7), expected);
      }
    });

    test("flushCode and codeWritten do for the kernel what fence.i does for a program", () => {
      const b = new Bench(engine);
      const frame = b.code([addi(7, 0, 1), EBREAK], RWX);
      b.run();
      b.ram.view.setUint32(frame, addi(7, 0, 2), true);
      b.ram.codeWritten(frame + 8);
      b.context.pc = CODE;
      b.run();
      assert.equal(b.context.x(7), 2n);
    });

    test("a freed frame's code is forgotten: the frame's next owner runs its own", () => {
      const b = new Bench(engine);
      const frame = b.code([addi(7, 0, 1), EBREAK]);
      b.run();
      b.table.clearRange(CODE, CODE + PAGE_SIZE, (_, pte) => b.ram.unref(pte));
      const next = b.map(CODE + PAGE_SIZE, RX);
      assert.equal(next, frame);
      b.write(next, 0, [addi(7, 0, 2), EBREAK]);
      b.context.pc = CODE + PAGE_SIZE;
      assert.equal(b.run(), EXIT_EBREAK);
      assert.equal(b.context.x(7), 2n);
    });

    test("illegal instructions are told by their own bits, 16 or 32", () => {
      const b = new Bench(engine);
      b.code([0xffffffff]);
      assert.equal(b.run(), EXIT_ILLEGAL);
      assert.equal(b.hart.illegalInstruction, 0xffffffff);
      assert.equal(b.context.pc, CODE);
      b.write(b.table.get(CODE) & ~0xfff, 0, [0]);
      assert.equal(b.run(), EXIT_ILLEGAL);
      assert.equal(b.hart.illegalInstruction, 0);
    });

    test("a jump to a wild address retires, and the fetch there faults", () => {
      const b = new Bench(engine);
      b.code([jalr(1, 5)]);
      b.context.setX(5, 0xdeadbeefdeadbeefn);
      assert.equal(b.run(), EXIT_FAULT);
      assert.equal(b.hart.faultAddressBits, 0xdeadbeefdeadbeeen);
      assert.equal(b.hart.faultAccess, ACCESS_EXECUTE);
      assert.equal(b.context.pcBits, 0xdeadbeefdeadbeeen);
      assert.equal(b.context.x(1), BigInt(CODE + 4));
      assert.equal(b.hart.retired, 1);
    });

    test("two contexts in two address spaces share a hart, and keep their registers and their pages apart", () => {
      const b = new Bench(engine);
      b.code([lw(7, 8, 0), addi(7, 7, 1), sw(7, 8, 0), ECALL, j(-16)]);
      b.map(DATA, RW);
      const other = PageTable.create(b.ram)!;
      other.set(CODE, b.table.get(CODE));
      b.map(DATA, RW, other);
      const second = Context.create(b.ram)!;
      second.copyFrom(b.context);
      b.context.setXn(8, DATA);
      second.setXn(8, DATA);
      for (let i = 0; i < 10; i++) {
        const [context, table] = i % 3 === 0 ? [second, other] : [b.context, b.table];
        assert.equal(b.hart.run(context, table, 100), EXIT_ECALL);
        context.pc += 4;
      }
      assert.equal(b.context.x(7), 6n);
      assert.equal(second.x(7), 4n);
    });

    test("sc fails after another context ran, and succeeds when none did", () => {
      const b = new Bench(engine);
      const lr = (rd: number, rs1: number) => ((0x10 << 24) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f) >>> 0;
      const sc = (rd: number, rs2: number, rs1: number) =>
        ((0x18 << 24) | (rs2 << 20) | (rs1 << 15) | (2 << 12) | (rd << 7) | 0x2f) >>> 0;
      b.code([lr(5, 8), sc(6, 9, 8), ECALL]);
      b.map(DATA, RW);
      b.context.setXn(8, DATA);
      const second = Context.create(b.ram)!;
      second.pc = CODE + 8;
      for (const disturbed of [false, true]) {
        b.context.pc = CODE;
        assert.equal(b.run(1), EXIT_TIMER);
        if (disturbed) assert.equal(b.hart.run(second, b.table, 10), EXIT_ECALL);
        assert.equal(b.run(), EXIT_ECALL);
        assert.equal(b.context.x(6), disturbed ? 1n : 0n);
      }
    });

    test("instret counts what retired before; time is the kernel's", () => {
      const b = new Bench(engine);
      b.hart.readTime = () => 0x1234567890;
      b.code([addi(0, 0, 0), addi(0, 0, 0), rdinstret(5), rdtime(6), EBREAK]);
      b.run();
      assert.equal(b.context.x(5), 2n);
      assert.equal(b.context.x(6), 0x1234567890n);
    });
  });
}

test("two machines in one process, each with two harts", () => {
  const machines = [1, 2].map((step) => {
    const ram = new Ram({ maximum: 8 << 20 });
    const table = PageTable.create(ram)!;
    const frame = ram.allocFrame();
    table.set(CODE, frame | RX);
    ram.view.setUint32(frame, addi(7, 7, step), true);
    ram.view.setUint32(frame + 4, ECALL, true);
    const harts = [new Hart(ram), new Hart(ram)];
    const contexts = harts.map(() => Context.create(ram)!);
    return { table, harts, contexts };
  });
  for (let round = 0; round < 3; round++) {
    for (const { table, harts, contexts } of machines) {
      harts.forEach((hart, i) => {
        contexts[i]!.pc = CODE;
        assert.equal(
          hart.run(contexts[(i + round) % 2]!, table, 10),
          i === 0 || round % 2 === 0 ? EXIT_ECALL : EXIT_ECALL,
        );
      });
    }
  }
  assert.deepEqual(
    machines.map(({ contexts }) => contexts[0]!.x(7)),
    [3n, 6n],
  );
});

test("more code than there is room for predecoded code still runs", () => {
  const ram = new Ram({ maximum: 16 << 20 });
  const hart = new Hart(ram);
  const table = PageTable.create(ram)!;
  const context = Context.create(ram)!;
  const pages = 1200; // the room is 512 blocks
  for (let i = 0; i < pages; i++) {
    const frame = ram.allocFrame();
    table.set(CODE + i * PAGE_SIZE, frame | RX);
    ram.view.setUint32(frame, addi(7, 7, 1), true);
    ram.view.setUint32(frame + 4, i === pages - 1 ? ECALL : j(PAGE_SIZE - 4), true);
  }
  for (let round = 1; round <= 3; round++) {
    context.pc = CODE;
    assert.equal(hart.run(context, table, 10000), EXIT_ECALL);
    assert.equal(context.x(7), BigInt(pages * round));
  }
});
