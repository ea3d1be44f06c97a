// Loading an ELF program: its segments and its interpreter's, mapped from their files as Linux maps them.
import { type Elf, ET_DYN, PF_R, PF_W, PF_X, PT_LOAD, type Segment } from "../../abi/elf.ts";
import { EINVAL, ENOEXEC, ENOMEM, type Errno } from "../../abi/errno.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { type AddressSpace, TASK_SIZE } from "../mm/address-space.ts";
import { map, pageUp, unmap } from "../mm/map.ts";
import type { UserAddress } from "../mm/user.ts";
import type { File } from "../vfs/file.ts";

const pageDown = (n: number): number => n - (n & (PAGE_SIZE - 1));

export interface Loaded {
  /** What was added to the file's addresses. */
  bias: number;
  entry: number;
  /** Address of the program headers in memory. */
  phdr: number;
  startCode: number;
  endCode: number;
  startData: number;
  endData: number;
  /** End of the highest segment: the heap goes behind it. */
  end: number;
}

/** Maps the segments of `elf`. `base`: where a position-independent file goes, or undefined to let the kernel choose. */
export function loadElf(mm: AddressSpace, file: File, elf: Elf, base: number | undefined): Loaded | Errno {
  const segments = elf.segments.filter((segment) => segment.type === PT_LOAD && segment.memsz > 0);
  const first = segments[0];
  if (!first) return ENOEXEC;
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const segment of segments) {
    if (segment.filesz > segment.memsz || segment.vaddr + segment.memsz > TASK_SIZE) return EINVAL;
    if (segment.vaddr % PAGE_SIZE !== segment.offset % PAGE_SIZE) return EINVAL;
    low = Math.min(low, pageDown(segment.vaddr));
    high = Math.max(high, segment.vaddr + segment.memsz);
  }
  let bias = 0;
  if (elf.type === ET_DYN) {
    // Reserve the whole span first, so that the segments keep their distances.
    const length = pageUp(high - low);
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | (base === undefined ? 0 : MAP_FIXED_NOREPLACE);
    const place = map(mm, { address: base ?? 0, length, prot: 0, flags });
    if (place < 0) return place as Errno;
    unmap(mm, place, length);
    bias = place - low;
  }
  const loaded: Loaded = {
    bias,
    entry: elf.entry + bias,
    phdr: 0,
    startCode: Number.POSITIVE_INFINITY,
    endCode: 0,
    startData: 0,
    endData: 0,
    end: high + bias,
  };
  for (const segment of segments) {
    const result = mapSegment(mm, file, segment, bias);
    if (result !== 0) return result;
    const start = segment.vaddr + bias;
    const end = start + segment.filesz;
    loaded.startCode = Math.min(loaded.startCode, start);
    loaded.startData = Math.max(loaded.startData, start);
    if ((segment.flags & PF_X) !== 0) loaded.endCode = Math.max(loaded.endCode, end);
    loaded.endData = Math.max(loaded.endData, end);
    if (segment.offset <= elf.phoff && elf.phoff < segment.offset + segment.filesz) {
      loaded.phdr = start + (elf.phoff - segment.offset);
    }
  }
  return loaded;
}

function mapSegment(mm: AddressSpace, file: File, segment: Segment, bias: number): 0 | Errno {
  const prot =
    ((segment.flags & PF_R) !== 0 ? PROT_READ : 0) |
    ((segment.flags & PF_W) !== 0 ? PROT_WRITE : 0) |
    ((segment.flags & PF_X) !== 0 ? PROT_EXEC : 0);
  const start = segment.vaddr + bias;
  const page = pageDown(start);
  const fileEnd = start + segment.filesz;
  const end = pageUp(start + segment.memsz);
  let mappedEnd = page;
  if (segment.filesz > 0) {
    mappedEnd = pageUp(fileEnd);
    const result = map(mm, {
      address: page,
      length: mappedEnd - page,
      prot,
      flags: MAP_PRIVATE | MAP_FIXED,
      file,
      offset: pageDown(segment.offset),
    });
    if (result < 0) return result as Errno;
  }
  if (end > mappedEnd) {
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    const result = map(mm, { address: mappedEnd, length: end - mappedEnd, prot, flags });
    if (result < 0) return result as Errno;
  }
  // What of the last page lies behind the file's part reads zero (.bss), where the program may write at all.
  if (segment.filesz > 0 && segment.memsz > segment.filesz && (prot & PROT_WRITE) !== 0 && fileEnd < mappedEnd) {
    if (mm.clear(fileEnd as UserAddress, mappedEnd - fileEnd) !== mappedEnd - fileEnd) return ENOMEM;
  }
  return 0;
}
