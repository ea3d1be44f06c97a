// ioctl requests: number ⇄ name ⇄ what the argument points to. Linux's generic numbering (asm-generic/ioctl.h and
// ioctls.h), which riscv64 uses. ioctl_tty(2), random(4), rtc(4)

const IOC_WRITE = 1;
const IOC_READ = 2;
const ioc = (direction: number, type: string, number: number, size: number): number =>
  ((direction << 30) | (size << 16) | (type.charCodeAt(0) << 8) | number) >>> 0;
const io = (type: string, number: number): number => ioc(0, type, number, 0);
const ior = (type: string, number: number, size: number): number => ioc(IOC_READ, type, number, size);
const iow = (type: string, number: number, size: number): number => ioc(IOC_WRITE, type, number, size);

// terminals
export const TCGETS = 0x5401;
export const TCSETS = 0x5402;
export const TCSETSW = 0x5403;
export const TCSETSF = 0x5404;
export const TCGETA = 0x5405;
export const TCSETA = 0x5406;
export const TCSETAW = 0x5407;
export const TCSETAF = 0x5408;
export const TCSBRK = 0x5409;
export const TCXONC = 0x540a;
export const TCFLSH = 0x540b;
export const TIOCEXCL = 0x540c;
export const TIOCNXCL = 0x540d;
export const TIOCSCTTY = 0x540e;
export const TIOCGPGRP = 0x540f;
export const TIOCSPGRP = 0x5410;
export const TIOCOUTQ = 0x5411;
export const TIOCSTI = 0x5412;
export const TIOCGWINSZ = 0x5413;
export const TIOCSWINSZ = 0x5414;
export const TIOCMGET = 0x5415;
export const TIOCMBIS = 0x5416;
export const TIOCMBIC = 0x5417;
export const TIOCMSET = 0x5418;
export const TIOCGSOFTCAR = 0x5419;
export const TIOCSSOFTCAR = 0x541a;
export const FIONREAD = 0x541b;
export const TIOCINQ = FIONREAD;
export const TIOCLINUX = 0x541c;
export const TIOCCONS = 0x541d;
export const TIOCGSERIAL = 0x541e;
export const TIOCSSERIAL = 0x541f;
export const TIOCPKT = 0x5420;
export const FIONBIO = 0x5421;
export const TIOCNOTTY = 0x5422;
export const TIOCSETD = 0x5423;
export const TIOCGETD = 0x5424;
export const TCSBRKP = 0x5425;
export const TIOCSBRK = 0x5427;
export const TIOCCBRK = 0x5428;
export const TIOCGSID = 0x5429;
export const TCGETS2 = ior("T", 0x2a, 44);
export const TCSETS2 = iow("T", 0x2b, 44);
export const TCSETSW2 = iow("T", 0x2c, 44);
export const TCSETSF2 = iow("T", 0x2d, 44);
export const TIOCGPTN = ior("T", 0x30, 4);
export const TIOCSPTLCK = iow("T", 0x31, 4);
export const TIOCGDEV = ior("T", 0x32, 4);
export const TCGETX = 0x5432;
export const TIOCSIG = iow("T", 0x36, 4);
export const TIOCVHANGUP = 0x5437;
export const TIOCGPKT = ior("T", 0x38, 4);
export const TIOCGPTLCK = ior("T", 0x39, 4);
export const TIOCGEXCL = ior("T", 0x40, 4);
export const TIOCGPTPEER = io("T", 0x41);
export const FIONCLEX = 0x5450;
export const FIOCLEX = 0x5451;
export const FIOASYNC = 0x5452;
export const TIOCGICOUNT = 0x545d;
export const FIOQSIZE = 0x5460;

// files of every kind. linux/fs.h, linux/fiemap.h
export const FIGETBSZ = io("\0", 0x02);
export const FS_IOC_FIEMAP = ioc(IOC_READ | IOC_WRITE, "f", 0x0b, 32);
export const FIFREEZE = ioc(IOC_READ | IOC_WRITE, "X", 0x77, 4);
export const FITHAW = ioc(IOC_READ | IOC_WRITE, "X", 0x78, 4);
export const FICLONE = iow("\x94", 0x09, 4);
export const FICLONERANGE = iow("\x94", 0x0d, 32);
export const FIDEDUPERANGE = ioc(IOC_READ | IOC_WRITE, "\x94", 0x36, 24);

// random(4)
export const RNDGETENTCNT = ior("R", 0x00, 4);
export const RNDADDTOENTCNT = iow("R", 0x01, 4);
export const RNDGETPOOL = ior("R", 0x02, 8);
export const RNDADDENTROPY = iow("R", 0x03, 8);
export const RNDZAPENTCNT = io("R", 0x04);
export const RNDCLEARPOOL = io("R", 0x06);
export const RNDRESEEDCRNG = io("R", 0x07);

// rtc(4)
export const RTC_AIE_ON = io("p", 0x01);
export const RTC_AIE_OFF = io("p", 0x02);
export const RTC_UIE_ON = io("p", 0x03);
export const RTC_UIE_OFF = io("p", 0x04);
export const RTC_ALM_READ = ior("p", 0x08, 36);
export const RTC_RD_TIME = ior("p", 0x09, 36);
export const RTC_SET_TIME = iow("p", 0x0a, 36);

// seccomp_unotify(2)
export const SECCOMP_IOCTL_NOTIF_RECV = ioc(IOC_READ | IOC_WRITE, "!", 0, 80);
export const SECCOMP_IOCTL_NOTIF_SEND = ioc(IOC_READ | IOC_WRITE, "!", 1, 24);
export const SECCOMP_IOCTL_NOTIF_ID_VALID = iow("!", 2, 8);
/** As it was numbered at first. */
export const SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR = ior("!", 2, 8);
export const SECCOMP_IOCTL_NOTIF_ADDFD = iow("!", 3, 24);
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = iow("!", 4, 8);

// console_ioctl(2): asked of every terminal by programs that look for a virtual console, which there is none of
export const KDGKBTYPE = 0x4b33;
export const KDGETMODE = 0x4b3b;
export const KDGKBMODE = 0x4b44;

/** How the argument is used: "none", "int" by value, or a pointer to a struct that is read or written. */
export interface IoctlName {
  readonly name: string;
  readonly direction: "none" | "value" | "in" | "out" | "inout";
  /** The struct behind the pointer. */
  readonly of?: string;
}

const names = new Map<number, IoctlName>();
function name(
  direction: IoctlName["direction"],
  of: string | undefined,
  requests: Readonly<Record<string, number>>,
): void {
  for (const [text, number] of Object.entries(requests)) {
    names.set(number, { name: text, direction, ...(of === undefined ? {} : { of }) });
  }
}
name("out", "termios", { TCGETS });
name("in", "termios", { TCSETS, TCSETSW, TCSETSF });
name("out", "termio", { TCGETA });
name("in", "termio", { TCSETA, TCSETAW, TCSETAF });
name("out", "termios2", { TCGETS2 });
name("in", "termios2", { TCSETS2, TCSETSW2, TCSETSF2 });
name("out", "winsize", { TIOCGWINSZ });
name("in", "winsize", { TIOCSWINSZ });
name("out", "rtc_time", { RTC_RD_TIME, RTC_ALM_READ });
name("in", "rtc_time", { RTC_SET_TIME });
name("none", undefined, { TIOCEXCL, TIOCNXCL, TIOCNOTTY, TIOCSBRK, TIOCCBRK, TIOCVHANGUP, TIOCCONS });
name("none", undefined, { FIOCLEX, FIONCLEX, RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG });
name("none", undefined, { RTC_AIE_ON, RTC_AIE_OFF, RTC_UIE_ON, RTC_UIE_OFF });
name("value", undefined, { TCSBRK, TCXONC, TCFLSH, TIOCSCTTY, TCSBRKP, TIOCGPTPEER, TIOCSIG });
name("out", "int", { TIOCGPGRP, TIOCGSID, TIOCOUTQ, FIONREAD, TIOCGETD, TIOCMGET, TIOCGSOFTCAR, TIOCGPTN, TIOCGDEV });
name("out", "int", { TIOCGPKT, TIOCGPTLCK, TIOCGEXCL, RNDGETENTCNT, KDGKBTYPE, KDGETMODE, KDGKBMODE });
name("in", "int", { TIOCSPGRP, TIOCSETD, TIOCPKT, TIOCSPTLCK, FIONBIO, FIOASYNC, TIOCMBIS, TIOCMBIC, TIOCMSET });
name("in", "int", { TIOCSSOFTCAR, RNDADDTOENTCNT });
name("in", "char", { TIOCSTI });
name("out", "serial_struct", { TIOCGSERIAL });
name("in", "serial_struct", { TIOCSSERIAL });
name("in", "rand_pool_info", { RNDADDENTROPY });
name("inout", "seccomp_notif", { SECCOMP_IOCTL_NOTIF_RECV });
name("in", "seccomp_notif_resp", { SECCOMP_IOCTL_NOTIF_SEND });
name("in", "__u64", { SECCOMP_IOCTL_NOTIF_ID_VALID, SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR });
name("in", "seccomp_notif_addfd", { SECCOMP_IOCTL_NOTIF_ADDFD });
name("value", undefined, { SECCOMP_IOCTL_NOTIF_SET_FLAGS });

/** What is known of a request; undefined for numbers without a name. */
export function ioctlName(request: number): IoctlName | undefined {
  return names.get(request >>> 0);
}
