// Landlock: rights, scopes and the structs of its three calls, as of ABI 6 (Linux 6.12). landlock(7), linux/landlock.h

export const LANDLOCK_ABI_VERSION = 6;
export const LANDLOCK_CREATE_RULESET_VERSION = 1;

/** struct landlock_ruleset_attr: handled_access_fs, handled_access_net, scoped. The first is always there. */
export const LANDLOCK_RULESET_ATTR_SIZE = 24;
export const LANDLOCK_RULESET_ATTR_SIZE_MIN = 8;

export const LANDLOCK_RULE_PATH_BENEATH = 1;
/** struct landlock_path_beneath_attr, packed: allowed_access, parent_fd. */
export const LANDLOCK_PATH_BENEATH_ATTR_SIZE = 12;
export const LANDLOCK_RULE_NET_PORT = 2;
/** struct landlock_net_port_attr: allowed_access, port. */
export const LANDLOCK_NET_PORT_ATTR_SIZE = 16;

export const LANDLOCK_ACCESS_FS_EXECUTE = 1 << 0;
export const LANDLOCK_ACCESS_FS_WRITE_FILE = 1 << 1;
export const LANDLOCK_ACCESS_FS_READ_FILE = 1 << 2;
export const LANDLOCK_ACCESS_FS_READ_DIR = 1 << 3;
export const LANDLOCK_ACCESS_FS_REMOVE_DIR = 1 << 4;
export const LANDLOCK_ACCESS_FS_REMOVE_FILE = 1 << 5;
export const LANDLOCK_ACCESS_FS_MAKE_CHAR = 1 << 6;
export const LANDLOCK_ACCESS_FS_MAKE_DIR = 1 << 7;
export const LANDLOCK_ACCESS_FS_MAKE_REG = 1 << 8;
export const LANDLOCK_ACCESS_FS_MAKE_SOCK = 1 << 9;
export const LANDLOCK_ACCESS_FS_MAKE_FIFO = 1 << 10;
export const LANDLOCK_ACCESS_FS_MAKE_BLOCK = 1 << 11;
export const LANDLOCK_ACCESS_FS_MAKE_SYM = 1 << 12;
export const LANDLOCK_ACCESS_FS_REFER = 1 << 13;
export const LANDLOCK_ACCESS_FS_TRUNCATE = 1 << 14;
export const LANDLOCK_ACCESS_FS_IOCTL_DEV = 1 << 15;
export const LANDLOCK_MASK_ACCESS_FS = 0xffff;
/** Those that mean something for a file that is no directory. */
export const LANDLOCK_ACCESS_FILE =
  LANDLOCK_ACCESS_FS_EXECUTE |
  LANDLOCK_ACCESS_FS_WRITE_FILE |
  LANDLOCK_ACCESS_FS_READ_FILE |
  LANDLOCK_ACCESS_FS_TRUNCATE |
  LANDLOCK_ACCESS_FS_IOCTL_DEV;

export const LANDLOCK_ACCESS_NET_BIND_TCP = 1;
export const LANDLOCK_ACCESS_NET_CONNECT_TCP = 2;
export const LANDLOCK_MASK_ACCESS_NET = 3;

export const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1;
export const LANDLOCK_SCOPE_SIGNAL = 2;
export const LANDLOCK_MASK_SCOPE = 3;

/** Rulesets that a task can be under at a time. */
export const LANDLOCK_MAX_NUM_LAYERS = 16;
