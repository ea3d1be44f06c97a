// Error numbers of Linux's generic ABI (asm-generic/errno.h). The kernel returns them negative; errno(3).

declare const brand: unique symbol;
/** A negative error number, as a system call returns it. */
export type Errno = number & { readonly [brand]: "errno" };

export const EPERM = -1 as Errno;
export const ENOENT = -2 as Errno;
export const ESRCH = -3 as Errno;
export const EINTR = -4 as Errno;
export const EIO = -5 as Errno;
export const ENXIO = -6 as Errno;
export const E2BIG = -7 as Errno;
export const ENOEXEC = -8 as Errno;
export const EBADF = -9 as Errno;
export const ECHILD = -10 as Errno;
export const EAGAIN = -11 as Errno;
export const ENOMEM = -12 as Errno;
export const EACCES = -13 as Errno;
export const EFAULT = -14 as Errno;
export const ENOTBLK = -15 as Errno;
export const EBUSY = -16 as Errno;
export const EEXIST = -17 as Errno;
export const EXDEV = -18 as Errno;
export const ENODEV = -19 as Errno;
export const ENOTDIR = -20 as Errno;
export const EISDIR = -21 as Errno;
export const EINVAL = -22 as Errno;
export const ENFILE = -23 as Errno;
export const EMFILE = -24 as Errno;
export const ENOTTY = -25 as Errno;
export const ETXTBSY = -26 as Errno;
export const EFBIG = -27 as Errno;
export const ENOSPC = -28 as Errno;
export const ESPIPE = -29 as Errno;
export const EROFS = -30 as Errno;
export const EMLINK = -31 as Errno;
export const EPIPE = -32 as Errno;
export const EDOM = -33 as Errno;
export const ERANGE = -34 as Errno;
export const EDEADLK = -35 as Errno;
export const ENAMETOOLONG = -36 as Errno;
export const ENOLCK = -37 as Errno;
export const ENOSYS = -38 as Errno;
export const ENOTEMPTY = -39 as Errno;
export const ELOOP = -40 as Errno;
export const ENOMSG = -42 as Errno;
export const EIDRM = -43 as Errno;
export const ECHRNG = -44 as Errno;
export const EL2NSYNC = -45 as Errno;
export const EL3HLT = -46 as Errno;
export const EL3RST = -47 as Errno;
export const ELNRNG = -48 as Errno;
export const EUNATCH = -49 as Errno;
export const ENOCSI = -50 as Errno;
export const EL2HLT = -51 as Errno;
export const EBADE = -52 as Errno;
export const EBADR = -53 as Errno;
export const EXFULL = -54 as Errno;
export const ENOANO = -55 as Errno;
export const EBADRQC = -56 as Errno;
export const EBADSLT = -57 as Errno;
export const EBFONT = -59 as Errno;
export const ENOSTR = -60 as Errno;
export const ENODATA = -61 as Errno;
export const ETIME = -62 as Errno;
export const ENOSR = -63 as Errno;
export const ENONET = -64 as Errno;
export const ENOPKG = -65 as Errno;
export const EREMOTE = -66 as Errno;
export const ENOLINK = -67 as Errno;
export const EADV = -68 as Errno;
export const ESRMNT = -69 as Errno;
export const ECOMM = -70 as Errno;
export const EPROTO = -71 as Errno;
export const EMULTIHOP = -72 as Errno;
export const EDOTDOT = -73 as Errno;
export const EBADMSG = -74 as Errno;
export const EOVERFLOW = -75 as Errno;
export const ENOTUNIQ = -76 as Errno;
export const EBADFD = -77 as Errno;
export const EREMCHG = -78 as Errno;
export const ELIBACC = -79 as Errno;
export const ELIBBAD = -80 as Errno;
export const ELIBSCN = -81 as Errno;
export const ELIBMAX = -82 as Errno;
export const ELIBEXEC = -83 as Errno;
export const EILSEQ = -84 as Errno;
export const ERESTART = -85 as Errno;
export const ESTRPIPE = -86 as Errno;
export const EUSERS = -87 as Errno;
export const ENOTSOCK = -88 as Errno;
export const EDESTADDRREQ = -89 as Errno;
export const EMSGSIZE = -90 as Errno;
export const EPROTOTYPE = -91 as Errno;
export const ENOPROTOOPT = -92 as Errno;
export const EPROTONOSUPPORT = -93 as Errno;
export const ESOCKTNOSUPPORT = -94 as Errno;
export const EOPNOTSUPP = -95 as Errno;
export const EPFNOSUPPORT = -96 as Errno;
export const EAFNOSUPPORT = -97 as Errno;
export const EADDRINUSE = -98 as Errno;
export const EADDRNOTAVAIL = -99 as Errno;
export const ENETDOWN = -100 as Errno;
export const ENETUNREACH = -101 as Errno;
export const ENETRESET = -102 as Errno;
export const ECONNABORTED = -103 as Errno;
export const ECONNRESET = -104 as Errno;
export const ENOBUFS = -105 as Errno;
export const EISCONN = -106 as Errno;
export const ENOTCONN = -107 as Errno;
export const ESHUTDOWN = -108 as Errno;
export const ETOOMANYREFS = -109 as Errno;
export const ETIMEDOUT = -110 as Errno;
export const ECONNREFUSED = -111 as Errno;
export const EHOSTDOWN = -112 as Errno;
export const EHOSTUNREACH = -113 as Errno;
export const EALREADY = -114 as Errno;
export const EINPROGRESS = -115 as Errno;
export const ESTALE = -116 as Errno;
export const EUCLEAN = -117 as Errno;
export const ENOTNAM = -118 as Errno;
export const ENAVAIL = -119 as Errno;
export const EISNAM = -120 as Errno;
export const EREMOTEIO = -121 as Errno;
export const EDQUOT = -122 as Errno;
export const ENOMEDIUM = -123 as Errno;
export const EMEDIUMTYPE = -124 as Errno;
export const ECANCELED = -125 as Errno;
export const ENOKEY = -126 as Errno;
export const EKEYEXPIRED = -127 as Errno;
export const EKEYREVOKED = -128 as Errno;
export const EKEYREJECTED = -129 as Errno;
export const EOWNERDEAD = -130 as Errno;
export const ENOTRECOVERABLE = -131 as Errno;
export const ERFKILL = -132 as Errno;
export const EHWPOISON = -133 as Errno;
export const EWOULDBLOCK = EAGAIN;
export const EDEADLOCK = EDEADLK;

// Never seen by programs: how an interrupted call wants to be restarted (include/linux/errno.h).
/** Restart unless a handler without SA_RESTART runs, then EINTR. */
export const ERESTARTSYS = -512 as Errno;
/** Always restart. */
export const ERESTARTNOINTR = -513 as Errno;
/** Restart only when no handler runs, else EINTR. */
export const ERESTARTNOHAND = -514 as Errno;
/** Restart through restart_syscall(2) with the task's restart block, EINTR when a handler runs. */
export const ERESTART_RESTARTBLOCK = -516 as Errno;

const names: Record<number, string> = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  7: "E2BIG",
  8: "ENOEXEC",
  9: "EBADF",
  10: "ECHILD",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  15: "ENOTBLK",
  16: "EBUSY",
  17: "EEXIST",
  18: "EXDEV",
  19: "ENODEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  25: "ENOTTY",
  26: "ETXTBSY",
  27: "EFBIG",
  28: "ENOSPC",
  29: "ESPIPE",
  30: "EROFS",
  31: "EMLINK",
  32: "EPIPE",
  33: "EDOM",
  34: "ERANGE",
  35: "EDEADLK",
  36: "ENAMETOOLONG",
  37: "ENOLCK",
  38: "ENOSYS",
  39: "ENOTEMPTY",
  40: "ELOOP",
  42: "ENOMSG",
  43: "EIDRM",
  44: "ECHRNG",
  45: "EL2NSYNC",
  46: "EL3HLT",
  47: "EL3RST",
  48: "ELNRNG",
  49: "EUNATCH",
  50: "ENOCSI",
  51: "EL2HLT",
  52: "EBADE",
  53: "EBADR",
  54: "EXFULL",
  55: "ENOANO",
  56: "EBADRQC",
  57: "EBADSLT",
  59: "EBFONT",
  60: "ENOSTR",
  61: "ENODATA",
  62: "ETIME",
  63: "ENOSR",
  64: "ENONET",
  65: "ENOPKG",
  66: "EREMOTE",
  67: "ENOLINK",
  68: "EADV",
  69: "ESRMNT",
  70: "ECOMM",
  71: "EPROTO",
  72: "EMULTIHOP",
  73: "EDOTDOT",
  74: "EBADMSG",
  75: "EOVERFLOW",
  76: "ENOTUNIQ",
  77: "EBADFD",
  78: "EREMCHG",
  79: "ELIBACC",
  80: "ELIBBAD",
  81: "ELIBSCN",
  82: "ELIBMAX",
  83: "ELIBEXEC",
  84: "EILSEQ",
  85: "ERESTART",
  86: "ESTRPIPE",
  87: "EUSERS",
  88: "ENOTSOCK",
  89: "EDESTADDRREQ",
  90: "EMSGSIZE",
  91: "EPROTOTYPE",
  92: "ENOPROTOOPT",
  93: "EPROTONOSUPPORT",
  94: "ESOCKTNOSUPPORT",
  95: "EOPNOTSUPP",
  96: "EPFNOSUPPORT",
  97: "EAFNOSUPPORT",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  102: "ENETRESET",
  103: "ECONNABORTED",
  104: "ECONNRESET",
  105: "ENOBUFS",
  106: "EISCONN",
  107: "ENOTCONN",
  108: "ESHUTDOWN",
  109: "ETOOMANYREFS",
  110: "ETIMEDOUT",
  111: "ECONNREFUSED",
  112: "EHOSTDOWN",
  113: "EHOSTUNREACH",
  114: "EALREADY",
  115: "EINPROGRESS",
  116: "ESTALE",
  117: "EUCLEAN",
  118: "ENOTNAM",
  119: "ENAVAIL",
  120: "EISNAM",
  121: "EREMOTEIO",
  122: "EDQUOT",
  123: "ENOMEDIUM",
  124: "EMEDIUMTYPE",
  125: "ECANCELED",
  126: "ENOKEY",
  127: "EKEYEXPIRED",
  128: "EKEYREVOKED",
  129: "EKEYREJECTED",
  130: "EOWNERDEAD",
  131: "ENOTRECOVERABLE",
  132: "ERFKILL",
  133: "EHWPOISON",
};

/** "ENOENT" for -2; "E123" for a number without a name. */
export function errnoName(errno: number): string {
  return names[-errno] ?? `E${-errno}`;
}

const numbers = new Map(Object.entries(names).map(([number, name]) => [name, -Number(number)]));

/** -2 for "ENOENT"; undefined for what is no name of an error. */
export const errnoNumber = (name: string): number | undefined => numbers.get(name);

/** True for a result that is an error number: results of at most -4095 never occur otherwise. */
export function isErrno(result: unknown): result is Errno {
  return typeof result === "number" && result < 0;
}
