// Terminal attributes: flags, control characters and the structs that carry them (asm-generic/termbits.h). termios(3)

// c_iflag
export const IGNBRK = 0o1;
export const BRKINT = 0o2;
export const IGNPAR = 0o4;
export const PARMRK = 0o10;
export const INPCK = 0o20;
export const ISTRIP = 0o40;
export const INLCR = 0o100;
export const IGNCR = 0o200;
export const ICRNL = 0o400;
export const IUCLC = 0o1000;
export const IXON = 0o2000;
export const IXANY = 0o4000;
export const IXOFF = 0o10000;
export const IMAXBEL = 0o20000;
export const IUTF8 = 0o40000;
// c_oflag
export const OPOST = 0o1;
export const OLCUC = 0o2;
export const ONLCR = 0o4;
export const OCRNL = 0o10;
export const ONOCR = 0o20;
export const ONLRET = 0o40;
export const TABDLY = 0o14000;
export const XTABS = 0o14000;
// c_cflag
export const CBAUD = 0o10017;
export const B38400 = 0o17;
export const BOTHER = 0o10000;
export const CSIZE = 0o60;
export const CS8 = 0o60;
export const CREAD = 0o200;
export const PARENB = 0o400;
export const HUPCL = 0o2000;
export const CLOCAL = 0o4000;
export const IBSHIFT = 16;
// c_lflag
export const ISIG = 0o1;
export const ICANON = 0o2;
export const XCASE = 0o4;
export const ECHO = 0o10;
export const ECHOE = 0o20;
export const ECHOK = 0o40;
export const ECHONL = 0o100;
export const NOFLSH = 0o200;
export const TOSTOP = 0o400;
export const ECHOCTL = 0o1000;
export const ECHOPRT = 0o2000;
export const ECHOKE = 0o4000;
export const FLUSHO = 0o10000;
export const PENDIN = 0o40000;
export const IEXTEN = 0o100000;
export const EXTPROC = 0o200000;
// c_cc
export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSTART = 8;
export const VSTOP = 9;
export const VSUSP = 10;
export const VEOL = 11;
export const VREPRINT = 12;
export const VDISCARD = 13;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;
export const NCCS = 19;
/** A control character with this value is off. */
export const DISABLED = 0;

// tcflow(3), tcflush(3)
export const TCOOFF = 0;
export const TCOON = 1;
export const TCIOFF = 2;
export const TCION = 3;
export const TCIFLUSH = 0;
export const TCOFLUSH = 1;
export const TCIOFLUSH = 2;

// ioctl_tty(2), TIOCPKT: the first byte that a master reads in packet mode
export const TIOCPKT_DATA = 0;
export const TIOCPKT_FLUSHREAD = 1;
export const TIOCPKT_FLUSHWRITE = 2;
export const TIOCPKT_STOP = 4;
export const TIOCPKT_START = 8;
export const TIOCPKT_NOSTOP = 16;
export const TIOCPKT_DOSTOP = 32;
export const TIOCPKT_IOCTL = 64;

export interface Termios {
  iflag: number;
  oflag: number;
  cflag: number;
  lflag: number;
  line: number;
  /** NCCS control characters. */
  cc: Uint8Array;
  ispeed: number;
  ospeed: number;
}

const speeds = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];
const fastSpeeds = [
  0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000,
  3500000, 4000000,
];

/** Bits per second for the CBAUD bits; `other` for BOTHER. */
function speed(code: number, other: number): number {
  if (code === BOTHER) return other;
  return (code & BOTHER ? fastSpeeds : speeds)[code & 0o17] ?? 0;
}

/** The attributes that a terminal starts with. */
export function standardTermios(): Termios {
  const cc = new Uint8Array(NCCS);
  //      INTR QUIT ERASE KILL EOF TIME MIN SWTC START STOP SUSP EOL REPRINT DISCARD WERASE LNEXT EOL2
  cc.set([3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0]);
  return {
    iflag: ICRNL | IXON,
    oflag: OPOST | ONLCR,
    cflag: B38400 | CS8 | CREAD | HUPCL,
    lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    line: 0,
    cc,
    ispeed: 38400,
    ospeed: 38400,
  };
}

export function copyTermios(from: Termios): Termios {
  return { ...from, cc: from.cc.slice() };
}

export const TERMIOS_SIZE = 36;
export const TERMIOS2_SIZE = 44;
export const TERMIO_SIZE = 18;

/** struct termios, or struct termios2 with the two speeds behind it. */
export function encodeTermios(termios: Termios, size: typeof TERMIOS_SIZE | typeof TERMIOS2_SIZE): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, termios.iflag, true);
  view.setUint32(4, termios.oflag, true);
  view.setUint32(8, termios.cflag, true);
  view.setUint32(12, termios.lflag, true);
  bytes[16] = termios.line;
  bytes.set(termios.cc, 17);
  if (size === TERMIOS2_SIZE) {
    view.setUint32(36, termios.ispeed, true);
    view.setUint32(40, termios.ospeed, true);
  }
  return bytes;
}

/** From struct termios or termios2, told apart by their size. */
export function decodeTermios(bytes: Uint8Array): Termios {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const cflag = view.getUint32(8, true);
  const two = bytes.length === TERMIOS2_SIZE;
  const ospeed = speed(cflag & CBAUD, two ? view.getUint32(40, true) : 0);
  const input = (cflag >>> IBSHIFT) & CBAUD;
  return {
    iflag: view.getUint32(0, true),
    oflag: view.getUint32(4, true),
    cflag,
    lflag: view.getUint32(12, true),
    line: bytes[16]!,
    cc: bytes.slice(17, 17 + NCCS),
    ispeed: input === 0 ? ospeed : speed(input, two ? view.getUint32(36, true) : 0),
    ospeed,
  };
}

/** The System V struct: 16-bit flags and 8 control characters. */
export function encodeTermio(termios: Termios): Uint8Array {
  const bytes = new Uint8Array(TERMIO_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, termios.iflag, true);
  view.setUint16(2, termios.oflag, true);
  view.setUint16(4, termios.cflag, true);
  view.setUint16(6, termios.lflag, true);
  bytes[8] = termios.line;
  bytes.set(termios.cc.subarray(0, 8), 9);
  return bytes;
}

/** What struct termio leaves out stays as it is in `old`. */
export function decodeTermio(bytes: Uint8Array, old: Termios): Termios {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const low = (flags: number, at: number) => ((flags & ~0xffff) | view.getUint16(at, true)) >>> 0;
  const cc = old.cc.slice();
  cc.set(bytes.subarray(9, 17));
  const cflag = low(old.cflag, 4);
  const ospeed = speed(cflag & CBAUD, old.ospeed);
  return {
    iflag: low(old.iflag, 0),
    oflag: low(old.oflag, 2),
    cflag,
    lflag: low(old.lflag, 6),
    line: bytes[8]!,
    cc,
    ispeed: ospeed,
    ospeed,
  };
}

/** struct winsize. */
export interface WindowSize {
  rows: number;
  columns: number;
  xpixel: number;
  ypixel: number;
}

export const WINSIZE_SIZE = 8;

export function encodeWindowSize(size: WindowSize): Uint8Array {
  return new Uint8Array(new Uint16Array([size.rows, size.columns, size.xpixel, size.ypixel]).buffer);
}
export function decodeWindowSize(bytes: Uint8Array): WindowSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    rows: view.getUint16(0, true),
    columns: view.getUint16(2, true),
    xpixel: view.getUint16(4, true),
    ypixel: view.getUint16(6, true),
  };
}
