// The vDSO: code that the kernel maps into every program. So far the way back from signal handlers, at an address that
// unwinders recognise by its two instructions.
import type { Errno } from "../../abi/errno.ts";
import { MAP_PRIVATE, PROT_EXEC, PROT_READ } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { map } from "../mm/map.ts";
import { PageCache } from "../vfs/page-cache.ts";

/** li a7, 139 (rt_sigreturn); ecall. */
const SIGRETURN = [0x08b00893, 0x00000073];

/** The image, made once for each kernel. */
export function makeVdso(ram: PageCache["ram"]): PageCache {
  return new PageCache(ram, (_index, page) => {
    const view = new DataView(page.buffer, page.byteOffset, page.length);
    for (const [i, word] of SIGRETURN.entries()) view.setUint32(i * 4, word, true);
    return 0;
  });
}

/** Maps it. The result is its address. */
export function mapVdso(mm: AddressSpace): number | Errno {
  const address = map(mm, {
    address: 0,
    length: PAGE_SIZE,
    prot: PROT_READ | PROT_EXEC,
    flags: MAP_PRIVATE,
    name: "[vdso]",
    pages: mm.kernel.vdso,
  });
  if (address > 0) mm.sigreturn = address;
  return address;
}
