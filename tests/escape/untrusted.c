// As code that is not trusted: no more privileges, no other process, no other namespace, no network, no limit undone.
// argv[1]: a port of the host's on which somebody listens; argv[2]: a process outside with the same user.
#include "e.h"
#include <arpa/inet.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/un.h>
static bool writes(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool r = fd >= 0 && write(fd, text, strlen(text)) > 0;
  if (fd >= 0) close(fd);
  return r;
}
static bool reaches(int family, int type, const char *address, int port) {
  int s = socket(family, type | SOCK_NONBLOCK, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &a.sin_addr);
  int r = s < 0 ? -1 : connect(s, (void *)&a, sizeof a);
  bool reached = r == 0;
  if (r < 0 && s >= 0 && errno == EINPROGRESS) {
    struct pollfd p = {s, POLLOUT, 0};
    int error = 0;
    socklen_t n = sizeof error;
    reached = poll(&p, 1, 500) == 1 && getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
  }
  if (s >= 0) close(s);
  return reached;
}
static bool runs(const char *path, char *const argv[]) {
  int status = reap(CHILD({
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0), dup2(null, 1), dup2(null, 2);
    execv(path, argv);
    _exit(99);
  }));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "ids")) return geteuid() == 0 || getuid() == 0 ? 0 : 1;
  int port = argc > 1 ? atoi(argv[1]) : 0;
  pid_t other = argc > 2 ? atoi(argv[2]) : 1;
  char path[128];
  // Privileges.
  ATTEMPT("setuid", setuid(0) == 0);
  ATTEMPT("setresuid", setresuid(0, 0, 0) == 0);
  ATTEMPT("setreuid", setreuid(0, 0) == 0);
  ATTEMPT("setfsuid", (setfsuid(0), setfsuid(-1) == 0));
  ATTEMPT("setgid", setgid(0) == 0);
  ATTEMPT("setgroups", ({ gid_t g = 0; setgroups(1, &g) == 0; }));
  ATTEMPT("capset", ({
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2] = {{~0u, ~0u, ~0u}, {~0u, ~0u, ~0u}};
    syscall(SYS_capset, &h, d) == 0;
  }));
  ATTEMPT("an inheritable capability", ({
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2] = {{0, 0, 1}, {0, 0, 0}};
    syscall(SYS_capset, &h, d) == 0;
  }));
  ATTEMPT("an ambient capability", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0);
  ATTEMPT("secure bits", prctl(PR_SET_SECUREBITS, 0x2f) == 0);
  ATTEMPT("no_new_privs undone", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
  ATTEMPT("a set-user-ID program", runs("/share/suid", (char *[]){"suid", "ids", 0}));
  ATTEMPT("a set-user-ID program of the image", runs("/usr/bin/su", (char *[]){"su", "-c", "true", 0}));
  ATTEMPT("a set-user-ID program of one's own", ({ link("/proc/self/exe", "/tmp/own"); chmod("/tmp/own", 04755); struct stat s; stat("/tmp/own", &s) == 0 && s.st_uid == 0; }));
  // seccomp.
  ATTEMPT("seccomp switched off", prctl(PR_SET_SECCOMP, 0, 0) == 0);
  ATTEMPT("a filter that allows all", ({
    struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog p = {1, &all};
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p);
    unshare(CLONE_NEWUSER) == 0;
  }));
  ATTEMPT("a listener on one's own calls", ({
    struct sock_filter ask = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog p = {1, &ask};
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
    syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0) == 0;
  }));
  // Namespaces and mounts.
  static const struct { const char *name; int flag; } spaces[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS}, {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET},
                                                                   {"ipc", CLONE_NEWIPC}, {"uts", CLONE_NEWUTS}, {"cgroup", CLONE_NEWCGROUP}, {"time", 0x80}};
  for (unsigned i = 0; i < COUNT(spaces); i++) {
    char name[64];
    snprintf(name, sizeof name, "unshare %s", spaces[i].name);
    ATTEMPT(name, unshare(spaces[i].flag) == 0);
    snprintf(name, sizeof name, "clone %s", spaces[i].name);
    ATTEMPT(name, ({ long p = syscall(SYS_clone, spaces[i].flag | SIGCHLD, 0, 0, 0, 0); if (p == 0) _exit(0); if (p > 0) reap(p); p > 0 && spaces[i].flag != 0x80; }));
    snprintf(name, sizeof name, "setns %s", spaces[i].name);
    snprintf(path, sizeof path, "/proc/1/ns/%s", spaces[i].name);
    ATTEMPT(name, ({ int fd = open(path, O_RDONLY); fd >= 0 && syscall(SYS_setns, fd, 0) == 0; }));
  }
  ATTEMPT("clone3", ({ uint64_t a[11] = {CLONE_NEWUSER}; a[4] = SIGCHLD; long p = syscall(435, a, sizeof a); if (p == 0) _exit(0); p > 0; }));
  ATTEMPT("mount", mount("none", "/tmp", "tmpfs", 0, 0) == 0);
  ATTEMPT("remount writable", mount(0, "/", 0, MS_REMOUNT | MS_BIND, 0) == 0);
  ATTEMPT("umount", umount2("/proc", MNT_DETACH) == 0);
  ATTEMPT("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp") == 0);
  ATTEMPT("chroot", chroot("/tmp") == 0);
  ATTEMPT("the new mount calls", syscall(428, -100, "/", 1) >= 0 || syscall(430, "tmpfs", 0) >= 0 || syscall(429, -1, "", -1, "", 0) >= 0 || syscall(442, -100, "/", 0, 0, 0) >= 0);
  ATTEMPT("writing to the image", opens("/etc/passwd", O_WRONLY) || opens("/usr/bin/new", O_WRONLY | O_CREAT) || mkdir("/new", 0755) == 0);
  ATTEMPT("devices", mknod("/tmp/mem", S_IFCHR | 0666, makedev(1, 1)) == 0 || mknod("/tmp/disk", S_IFBLK | 0666, makedev(254, 0)) == 0);
  ATTEMPT("/dev/mem and its kin", opens("/dev/mem", O_RDONLY) || opens("/dev/kmem", O_RDONLY) || opens("/dev/port", O_RDONLY) || opens("/proc/kcore", O_RDONLY) || opens("/dev/vda", O_RDONLY));
  // Other processes.
  {
    pid_t p = other;
    char name[64];
#define NAMED(what) (snprintf(name, sizeof name, what ", a process outside"), name)
    ATTEMPT(NAMED("kill"), kill(p, 0) == 0 || kill(p, SIGCONT) == 0);
    ATTEMPT(NAMED("tgkill"), syscall(SYS_tgkill, p, p, 0) == 0);
    ATTEMPT(NAMED("sigqueue"), sigqueue(p, SIGUSR1, (union sigval){0}) == 0);
    ATTEMPT(NAMED("pidfd"), ({ int fd = syscall(434, p, 0); fd >= 0 && syscall(424, fd, 0, 0, 0) == 0; }));
    ATTEMPT(NAMED("pidfd_getfd"), ({ int fd = syscall(434, p, 0); fd >= 0 && syscall(438, fd, 0, 0) >= 0; }));
    ATTEMPT(NAMED("ptrace"), ptrace(PTRACE_ATTACH, p, 0, 0) == 0 || ptrace(PTRACE_SEIZE, p, 0, 0) == 0);
    ATTEMPT(NAMED("its memory"), ({ char b[16]; struct iovec l = {b, 16}, r = {(void *)0x10000, 16}; syscall(SYS_process_vm_readv, p, &l, 1, &r, 1, 0) > 0 || syscall(SYS_process_vm_writev, p, &l, 1, &r, 1, 0) > 0; }));
    static const char *files[] = {"", "/mem", "/maps", "/environ", "/root/", "/cwd/", "/exe", "/fd/", "/task/", "/status", "/stat", "/cmdline", "/ns/user"};
    for (unsigned f = 0; f < COUNT(files); f++) {
      char what[160];
      snprintf(path, sizeof path, "/proc/%d%s", p, files[f]);
      snprintf(what, sizeof what, "/proc of a process outside: %s", files[f]);
      ATTEMPT(what, opens(path, O_RDONLY));
    }
    ATTEMPT(NAMED("its limits"), ({ struct rlimit l; prlimit(p, RLIMIT_NOFILE, 0, &l) == 0; }));
    ATTEMPT(NAMED("its priority"), setpriority(PRIO_PROCESS, p, 19) == 0);
    ATTEMPT(NAMED("its scheduling"), ({ struct sched_param s = {0}; sched_setscheduler(p, SCHED_IDLE, &s) == 0; }));
    ATTEMPT(NAMED("its process group"), setpgid(p, p) == 0);
    ATTEMPT(NAMED("kcmp"), syscall(SYS_kcmp, p, getpid(), 0, 0, 0) >= 0);
    ATTEMPT(NAMED("a signal by F_SETOWN"), ({
      int s[2];
      socketpair(AF_UNIX, SOCK_STREAM, 0, s);
      fcntl(s[0], F_SETOWN, p);
      fcntl(s[0], F_SETSIG, SIGKILL);
      fcntl(s[0], F_SETFL, O_ASYNC);
      write(s[1], "x", 1);
      false;
    }));
  }
  ATTEMPT("a parent outside", getppid() != 0 || kill(getppid(), 0) == 0 && getppid() != 0);
  ATTEMPT("processes in /proc", ({
    bool r = false;
    for (int p = 2; p < 6000; p++) {
      snprintf(path, sizeof path, "/proc/%d/cmdline", p);
      char text[256] = {0};
      int fd = open(path, O_RDONLY);
      if (fd >= 0) read(fd, text, 255), close(fd), r |= strstr(text, "sleep") != 0;
    }
    r;
  }));
  ATTEMPT("kill everybody", ({ pid_t c = CHILD(signal(SIGTERM, SIG_IGN); kill(-1, SIGURG)); reap(c); false; }));
  ATTEMPT("an abstract socket outside", ({
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path + 1, "outside", 7);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    connect(s, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 8) == 0;
  }));
  ATTEMPT("shared memory outside", shmget(0x1234, 1, 0) >= 0);
  ATTEMPT("the environment of the host", ({
    extern char **environ;
    bool r = false;
    for (char **e = environ; *e; e++) r |= strstr(*e, CANARY) != 0;
    r || reads("/proc/self/environ");
  }));
  // The network.
  ATTEMPT("the host's loopback", reaches(AF_INET, SOCK_STREAM, "127.0.0.1", port));
  ATTEMPT("any host", reaches(AF_INET, SOCK_STREAM, "1.1.1.1", 80) || reaches(AF_INET, SOCK_STREAM, "10.0.2.2", port) || reaches(AF_INET, SOCK_STREAM, "192.168.0.1", port));
  ATTEMPT("datagrams to any host", reaches(AF_INET, SOCK_DGRAM, "8.8.8.8", 53));
  ATTEMPT("raw sockets", socket(AF_INET, SOCK_RAW, 1) >= 0);
  ATTEMPT("packet sockets", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
  ATTEMPT("odd families", socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 || socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0 || socket(AF_BLUETOOTH, SOCK_RAW, 0) >= 0 || socket(AF_XDP, SOCK_RAW, 0) >= 0);
  ATTEMPT("a privileged port", ({ struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(80)}; int s = socket(AF_INET, SOCK_STREAM, 0); bind(s, (void *)&a, sizeof a) == 0; }));
  // The kernel.
  const struct { const char *name; long number, a, b, c, d; } calls[] = {
      {"reboot", SYS_reboot, 0xfee1dead, 672274793, 0x01234567, 0}, {"init_module", SYS_init_module, 0, 0, 0, 0}, {"finit_module", SYS_finit_module, 0, 0, 0, 0},
      {"delete_module", SYS_delete_module, 0, 0, 0, 0}, {"kexec_load", SYS_kexec_load, 0, 0, 0, 0}, {"bpf", SYS_bpf, 0, 0, 0, 0},
      {"perf_event_open", SYS_perf_event_open, 0, 0, -1, -1}, {"userfaultfd", SYS_userfaultfd, 0, 0, 0, 0}, {"io_uring_setup", 425, 8, 0, 0, 0},
      {"keyctl", SYS_keyctl, 0, -3, 1, 0}, {"add_key", SYS_add_key, 0, 0, 0, 0}, {"request_key", SYS_request_key, 0, 0, 0, 0},
      {"swapon", SYS_swapon, (long)"/tmp/x", 0, 0, 0}, {"swapoff", SYS_swapoff, (long)"/dev/vda", 0, 0, 0}, {"acct", SYS_acct, 0, 0, 0, 0},
      {"syslog", SYS_syslog, 5, 0, 0, 0}, {"settimeofday", SYS_settimeofday, (long)&(struct timeval){1, 0}, 0, 0, 0},
      {"clock_settime", SYS_clock_settime, 0, (long)&(struct timespec){1, 0}, 0, 0}, {"sethostname", SYS_sethostname, (long)"x", 1, 0, 0},
      {"setdomainname", SYS_setdomainname, (long)"x", 1, 0, 0}, {"vhangup", SYS_vhangup, 0, 0, 0, 0}, {"quotactl", SYS_quotactl, 0, 0, 0, 0},
      {"fanotify_init", SYS_fanotify_init, 0, 0, 0, 0}, {"personality", SYS_personality, 0x0400000, 0, 0, 0}, {"lookup_dcookie", SYS_lookup_dcookie, 0, 0, 0, 0},
      {"memfd_secret", 447, 0, 0, 0, 0}, {"open_by_handle_at", SYS_open_by_handle_at, -100, 0, 0, 0}, {"move_pages", SYS_move_pages, 0, 0, 0, 0}};
  for (unsigned i = 0; i < COUNT(calls); i++) ATTEMPT(calls[i].name, syscall(calls[i].number, calls[i].a, calls[i].b, calls[i].c, calls[i].d) >= 0);
  static const char *knobs[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/kernel/yama/ptrace_scope", "/proc/sys/vm/overcommit_memory",
                                "/proc/sys/vm/drop_caches", "/proc/sys/fs/protected_symlinks", "/proc/sys/kernel/panic", "/proc/sys/kernel/ns_last_pid", "/proc/sysrq-trigger", "/proc/sys/kernel/modprobe",
                                "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/cgroup.kill", "/proc/self/oom_score_adj_", "/dev/kmsg", "/sys/kernel/security/lockdown", "/proc/sys/kernel/seccomp/actions_logged"};
  for (unsigned i = 0; i < COUNT(knobs); i++) ATTEMPT(knobs[i], writes(knobs[i], "1"));
  ATTEMPT("a group of one's own", mkdir("/sys/fs/cgroup/mine", 0755) == 0);
  // Limits.
  static const int limits[] = {RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_MEMLOCK, RLIMIT_CORE, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING};
  for (unsigned i = 0; i < COUNT(limits); i++) {
    char name[32];
    snprintf(name, sizeof name, "raising limit %d", limits[i]);
    ATTEMPT(name, ({ struct rlimit l; getrlimit(limits[i], &l); l.rlim_max += 1000; setrlimit(limits[i], &l) == 0; }));
  }
  ATTEMPT("a real-time policy", ({ struct sched_param s = {1}; sched_setscheduler(0, SCHED_FIFO, &s) == 0; }));
  ATTEMPT("a better priority", setpriority(PRIO_PROCESS, 0, -5) == 0);
  ATTEMPT("never to be killed for memory", writes("/proc/self/oom_score_adj", "-1000"));
  ATTEMPT("low memory", mmap((void *)0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)0);
  return 0;
}
