// Zicsr. Unprivileged ISA chapter 6. A csrrs or csrrc whose source is x0 doesn't write, so a read-only CSR is no error.
import { type RowDraft, row } from "./row.ts";

export const csr: RowDraft[] = [
  row("csrrw", 0x1073, 0x707f, (o) => o.rd(o.csr(() => o.rs1))),
  row("csrrs", 0x2073, 0x707f, (o) => o.rd(o.csr(o.rs1IsZero ? undefined : (old) => o.or(old, o.rs1)))),
  row("csrrc", 0x3073, 0x707f, (o) => o.rd(o.csr(o.rs1IsZero ? undefined : (old) => o.and(old, o.not(o.rs1))))),
  row("csrrwi", 0x5073, 0x707f, (o) => o.rd(o.csr(() => o.zimm))),
  row("csrrsi", 0x6073, 0x707f, (o) => o.rd(o.csr(o.rs1IsZero ? undefined : (old) => o.or(old, o.zimm)))),
  row("csrrci", 0x7073, 0x707f, (o) => o.rd(o.csr(o.rs1IsZero ? undefined : (old) => o.and(old, o.not(o.zimm))))),
];
