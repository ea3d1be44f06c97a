// Tunables: numbers and texts that root may set under /proc/sys and other parts of the kernel may heed. sysctl(8)

export interface Tunable {
  /** "vm/swappiness". */
  readonly name: string;
  readonly initial: string;
  /** Bounds of each number in it; without bounds it is a text. */
  readonly low?: number;
  readonly high?: number;
  readonly mode?: number;
}

const INT_MAX = 2147483647;
const LONG_MAX = Number.MAX_SAFE_INTEGER;
const number = (name: string, initial: number | string, low = 0, high = INT_MAX): Tunable => ({
  name,
  initial: String(initial),
  low,
  high,
});
const text = (name: string, initial: string): Tunable => ({ name, initial });
/** Shown, but not for setting. */
const fixed = (name: string, initial: number | string): Tunable => ({ name, initial: String(initial), mode: 0o444 });

export const tunables: readonly Tunable[] = [
  number("debug/exception-trace", 1),
  number("fs/epoll/max_user_watches", 1771520, 0, LONG_MAX),
  number("fs/file-max", "9223372036854775807", 0, LONG_MAX),
  number("fs/inotify/max_queued_events", 16384),
  number("fs/inotify/max_user_instances", 128),
  number("fs/inotify/max_user_watches", 65536),
  number("fs/lease-break-time", 45),
  number("fs/leases-enable", 1, 0, 1),
  number("fs/mount-max", 100000),
  number("fs/mqueue/msg_default", 10, 1, 65536),
  number("fs/mqueue/msg_max", 10, 1, 65536),
  number("fs/mqueue/msgsize_default", 8192, 128, 16777216),
  number("fs/mqueue/msgsize_max", 8192, 128, 16777216),
  number("fs/mqueue/queues_max", 256),
  number("fs/nr_open", 1048576, 64, 2147483584),
  number("fs/overflowgid", 65534, 0, 65535),
  number("fs/overflowuid", 65534, 0, 65535),
  number("fs/pipe-max-size", 1048576, 4096, INT_MAX),
  number("fs/pipe-user-pages-hard", 0),
  number("fs/pipe-user-pages-soft", 16384),
  number("fs/protected_fifos", 1, 0, 2),
  number("fs/protected_hardlinks", 1, 0, 1),
  number("fs/protected_regular", 2, 0, 2),
  number("fs/protected_symlinks", 1, 0, 1),
  number("fs/suid_dumpable", 0, 0, 2),
  fixed("kernel/cap_last_cap", 40),
  text("kernel/core_pattern", "core"),
  number("kernel/core_pipe_limit", 0),
  number("kernel/core_uses_pid", 0, 0, 1),
  number("kernel/ctrl-alt-del", 0),
  number("kernel/dmesg_restrict", 1, 0, 1),
  number("kernel/kptr_restrict", 0, 0, 2),
  number("kernel/hung_task_check_count", 4194304),
  number("kernel/hung_task_check_interval_secs", 0, 0, 9223372036),
  number("kernel/hung_task_panic", 0, 0, 1),
  number("kernel/hung_task_timeout_secs", 120, 0, 9223372036),
  number("kernel/hung_task_warnings", 10, -1),
  text("kernel/modprobe", "/sbin/modprobe"),
  // Once set it stays: nothing but 1 is taken.
  number("kernel/modules_disabled", 0, 1, 1),
  number("kernel/msgmax", 8192),
  number("kernel/msgmnb", 16384),
  number("kernel/msgmni", 32000),
  fixed("kernel/ngroups_max", 65536),
  number("kernel/numa_balancing", 0, 0, 3),
  number("kernel/overflowgid", 65534, 0, 65535),
  number("kernel/overflowuid", 65534, 0, 65535),
  number("kernel/panic", 0, -INT_MAX),
  number("kernel/oops_limit", 10000),
  number("kernel/panic_on_oops", 0, 0, 1),
  number("kernel/panic_on_warn", 0, 0, 1),
  number("kernel/perf_event_paranoid", 3, -1),
  number("kernel/pid_max", 4194304, 301, 4194304),
  number("kernel/print-fatal-signals", 0, 0, 1),
  number("kernel/randomize_va_space", 2, 0, 2),
  number("kernel/sched_autogroup_enabled", 0, 0, 1),
  number("kernel/sched_rr_timeslice_ms", 100, -1),
  number("kernel/sched_rt_period_us", 1000000, 1),
  number("kernel/sched_rt_runtime_us", 950000, -1),
  number("kernel/sem", "32000\t1024000000\t500\t32000"),
  number("kernel/shm_rmid_forced", 0, 0, 1),
  number("kernel/shmall", "18446744073692774399", 0, LONG_MAX),
  number("kernel/shmmax", "18446744073692774399", 0, LONG_MAX),
  number("kernel/shmmni", 4096),
  number("kernel/softlockup_panic", 0, 0, 1),
  number("kernel/sysrq", 438),
  number("kernel/threads-max", 65536, 20, INT_MAX),
  fixed("kernel/unprivileged_bpf_disabled", 2),
  number("kernel/warn_limit", 0),
  number("kernel/watchdog_thresh", 10, 0, 60),
  number("kernel/yama/ptrace_scope", 0, 0, 3),
  number("net/core/bpf_jit_enable", 0, 0, 2),
  text("net/core/default_qdisc", "pfifo_fast"),
  number("net/core/netdev_max_backlog", 1000),
  number("net/core/optmem_max", 131072),
  number("net/core/rmem_default", 212992, 2304),
  number("net/core/rmem_max", 212992, 2304),
  number("net/core/somaxconn", 4096),
  number("net/core/wmem_default", 212992, 4608),
  number("net/core/wmem_max", 212992, 4608),
  number("net/ipv4/conf/all/forwarding", 0, 0, 1),
  number("net/ipv4/conf/default/forwarding", 0, 0, 1),
  number("net/ipv4/conf/lo/forwarding", 0, 0, 1),
  number("net/ipv4/icmp_echo_ignore_all", 0, 0, 1),
  number("net/ipv4/ip_default_ttl", 64, 1, 255),
  number("net/ipv4/ip_forward", 0, 0, 1),
  number("net/ipv4/ip_local_port_range", "32768\t60999", 1, 65535),
  text("net/ipv4/ip_local_reserved_ports", ""),
  number("net/ipv4/ip_nonlocal_bind", 0, 0, 1),
  number("net/ipv4/ip_unprivileged_port_start", 1024, 0, 65535),
  number("net/ipv4/ping_group_range", "1\t0"),
  fixed("net/ipv4/tcp_available_congestion_control", "reno cubic"),
  text("net/ipv4/tcp_congestion_control", "cubic"),
  number("net/ipv4/tcp_fastopen", 0),
  number("net/ipv4/tcp_fin_timeout", 60),
  number("net/ipv4/tcp_keepalive_intvl", 75),
  number("net/ipv4/tcp_keepalive_probes", 9),
  number("net/ipv4/tcp_keepalive_time", 7200),
  number("net/ipv4/tcp_max_syn_backlog", 512),
  number("net/ipv4/tcp_rmem", "4096\t131072\t6291456"),
  number("net/ipv4/tcp_sack", 1, 0, 1),
  number("net/ipv4/tcp_syncookies", 1, 0, 2),
  number("net/ipv4/tcp_timestamps", 1, 0, 2),
  number("net/ipv4/tcp_tw_reuse", 2, 0, 2),
  number("net/ipv4/tcp_window_scaling", 1, 0, 1),
  number("net/ipv4/tcp_wmem", "4096\t16384\t4194304"),
  number("net/ipv6/bindv6only", 0, 0, 1),
  number("net/ipv6/conf/all/disable_ipv6", 0, 0, 1),
  number("net/ipv6/conf/all/forwarding", 0, 0, 1),
  number("net/ipv6/conf/default/disable_ipv6", 0, 0, 1),
  number("net/ipv6/conf/lo/disable_ipv6", 0, 0, 1),
  number("net/unix/max_dgram_qlen", 10),
  number("vm/admin_reserve_kbytes", 8192, 0, LONG_MAX),
  number("vm/compaction_proactiveness", 20, 0, 100),
  number("vm/dirty_background_bytes", 0, 0, LONG_MAX),
  number("vm/dirty_background_ratio", 10, 0, 100),
  number("vm/dirty_bytes", 0, 0, LONG_MAX),
  number("vm/dirty_expire_centisecs", 3000),
  number("vm/dirty_ratio", 20, 0, 100),
  number("vm/dirty_writeback_centisecs", 500),
  number("vm/drop_caches", 0, 0, 4),
  number("vm/legacy_va_layout", 0, 0, 1),
  number("vm/max_map_count", 65530),
  number("vm/min_free_kbytes", 0),
  number("vm/mmap_min_addr", 65536, 0, LONG_MAX),
  number("vm/mmap_rnd_bits", 18, 18, 24),
  number("vm/nr_overcommit_hugepages", 0, 0, LONG_MAX),
  number("vm/oom_dump_tasks", 1, 0, 1),
  number("vm/oom_kill_allocating_task", 0, 0, 1),
  number("vm/overcommit_kbytes", 0, 0, LONG_MAX),
  number("vm/overcommit_memory", 0, 0, 2),
  number("vm/overcommit_ratio", 50),
  number("vm/page-cluster", 3, 0, 31),
  number("vm/panic_on_oom", 0, 0, 2),
  number("vm/swappiness", 60, 0, 200),
  number("vm/unprivileged_userfaultfd", 0, 0, 1),
  number("vm/user_reserve_kbytes", 131072, 0, LONG_MAX),
  number("vm/vfs_cache_pressure", 100),
];

export class Sysctl {
  private readonly values = new Map(tunables.map(({ name, initial }) => [name, initial]));

  /** The value as it is shown; "" for a name that there is not. */
  get(name: string): string {
    return this.values.get(name) ?? "";
  }
  /** The first number of a value; 0 when it has none. */
  number(name: string): number {
    return Number.parseInt(this.get(name), 10) || 0;
  }
  /** Numbers of a value. */
  numbers(name: string): number[] {
    return this.get(name).split("\t").map(Number);
  }
  /** Told, by name, that a tunable was set. */
  readonly onSet = new Map<string, () => void>();
  /** What the kernel itself sets. */
  put(name: string, value: string): void {
    this.values.set(name, value);
  }
  /** Sets a tunable from what was written to it. False: not of its kind, or out of bounds. */
  set(tunable: Tunable, written: string): boolean {
    const value = written.split("\0", 1)[0]!.trim();
    if (tunable.low === undefined) {
      this.values.set(tunable.name, value);
      return true;
    }
    const old = this.get(tunable.name).split("\t");
    const parts = value.split(/\s+/);
    if (value === "" || parts.length > old.length) return false;
    for (const part of parts) {
      if (!/^-?(0[xX][0-9a-fA-F]+|\d+)$/.test(part)) return false;
      const given = part.startsWith("-") ? -Number(part.slice(1)) : Number(part);
      if (given < tunable.low || given > tunable.high!) return false;
    }
    this.values.set(tunable.name, [...parts, ...old.slice(parts.length)].join("\t"));
    this.onSet.get(tunable.name)?.();
    return true;
  }
}
