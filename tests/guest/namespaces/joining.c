// namespaces(7): what each kind keeps apart; files of namespaces, setns(2) by file and by pidfd, ioctl_ns(2), limits
#include "ns.h"
#include <linux/nsfs.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/msg.h>
#include <sys/utsname.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <mqueue.h>

static bool same(const char *a, const char *b) {
  struct stat x, y;
  return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static void names(void) {
  APART({
    MUST(sethostname("outer", 5));
    pid_t child = CHILD({
      T(unshare(CLONE_NEWUTS));
      MUST(sethostname("inner", 5));
      struct utsname u;
      uname(&u);
      say("%s\n", u.nodename);
      say("%s", get("/proc/sys/kernel/hostname"));
      T(tell("/proc/sys/kernel/hostname", "written\n"));
      uname(&u);
      say("%s\n", u.nodename);
    });
    reap(child);
    struct utsname u;
    uname(&u);
    say("%s\n", u.nodename);
  });
}

static void ipc(void) {
  int id = MUST(shmget(0x4e53, 4096, IPC_CREAT | 0600));
  APART({
    T(unshare(CLONE_NEWIPC));
    T(shmget(0x4e53, 4096, 0600));
    T(shmget(0x4e53, 4096, IPC_CREAT | IPC_EXCL | 0600));
    T(msgget(7, IPC_CREAT | 0600));
    struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };
    OK(mq_open("/nsq", O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
    T(tell("/proc/sys/kernel/msgmnb", "1234\n"));
    say("msgmnb %s", get("/proc/sys/kernel/msgmnb"));
  });
  T(mq_open("/nsq", O_RDWR));
  T(shmget(0x4e53, 4096, IPC_CREAT | IPC_EXCL | 0600));
  T(shmctl(id, IPC_RMID, 0));
}

static int flags_of(const char *name) {
  int s = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct ifreq r = { 0 };
  strcpy(r.ifr_name, name);
  int result = ioctl(s, SIOCGIFFLAGS, &r);
  close(s);
  return result == -1 ? -errno : r.ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING);
}

static int listen_on(int port) {
  int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
  if (bind(s, (struct sockaddr *)&a, sizeof a) == -1) return -1;
  return listen(s, 1);
}

static int talk(int port) {
  int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
  return connect(s, (struct sockaddr *)&a, sizeof a);
}

static int abstract(void) {
  int s = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  memcpy(a.sun_path, "\0nsname", 7);
  return bind(s, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 7);
}

static void net(void) {
  T(abstract());
  T(abstract());
  APART({
    T(unshare(CLONE_NEWNET));
    say("lo %d\n", flags_of("lo"));
    T(listen_on(40123));
    T(talk(40123));
    int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
    struct ifreq r = { 0 };
    strcpy(r.ifr_name, "lo");
    r.ifr_flags = IFF_UP;
    T(ioctl(s, SIOCSIFFLAGS, &r));
    say("lo %d\n", flags_of("lo"));
    T(listen_on(40123));
    T(talk(40123));
    T(talk(40124));
    T(abstract());
    T(abstract());
    say("somaxconn %s", get("/proc/sys/net/core/somaxconn"));
    T(tell("/proc/sys/net/core/somaxconn", "17\n"));
    say("somaxconn %s", get("/proc/sys/net/core/somaxconn"));
    int lines = 0;
    for (const char *p = get("/proc/net/dev"); *p; p++) lines += *p == '\n';
    say("%d lines of devices\n", lines);
  });
  say("somaxconn %s", get("/proc/sys/net/core/somaxconn"));
  // Who is root of a user namespace configures its own network.
  APART({
    become(1000);
    MUST(unshare(CLONE_NEWUSER));
    int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
    struct ifreq r = { 0 };
    strcpy(r.ifr_name, "lo");
    r.ifr_flags = IFF_UP;
    T(ioctl(s, SIOCSIFFLAGS, &r));
    T(unshare(CLONE_NEWNET));
    T(ioctl(s, SIOCSIFFLAGS, &r));
    s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
    T(ioctl(s, SIOCSIFFLAGS, &r));
    OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    T(listen_on(80));
    T(tell("/proc/sys/net/ipv4/ip_forward", "1\n"));
    T(tell("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0\n"));
  });
}

static int type_of(int fd) { return ioctl(fd, NS_GET_NSTYPE); }

static void files(void) {
  int uts = MUST(open("/proc/self/ns/uts", O_RDONLY));
  CHECK(type_of(uts) == CLONE_NEWUTS);
  int user = MUST(ioctl(uts, NS_GET_USERNS));
  CHECK(type_of(user) == CLONE_NEWUSER);
  CHECK(fcntl(user, F_GETFD) == FD_CLOEXEC);
  T(ioctl(user, NS_GET_USERNS));
  T(ioctl(user, NS_GET_PARENT));
  T(ioctl(uts, NS_GET_PARENT));
  uid_t owner = 77;
  T(ioctl(user, NS_GET_OWNER_UID, &owner));
  say("owner %d\n", owner);
  T(ioctl(uts, NS_GET_OWNER_UID, &owner));
  T(ioctl(uts, 0xb7ff));
  T(setns(uts, CLONE_NEWNET));
  T(setns(uts, CLONE_NEWUTS));
  T(setns(uts, 0));
  T(setns(user, 0));
  T(setns(0, 0));
  T(setns(999, 0));
  char link[64];
  int n = readlink("/proc/self/ns/net", link, sizeof link);
  CHECK(n > 5 && memcmp(link, "net:[", 5) == 0);
  CHECK(same("/proc/self/ns/pid", "/proc/self/ns/pid_for_children"));
  CHECK(same("/proc/self/ns/time", "/proc/self/ns/time_for_children"));

  Turns t = turns();
  pid_t child = CHILD({
    become(1000);
    MUST(unshare(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID));
    go(t.there);
    await(t.back);
  });
  await(t.there);
  for (const char **kind = (const char *[]){ "cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "user", "uts", 0 }; *kind; kind++) {
    say("%s %s\n", *kind, same(format("/proc/self/ns/%s", *kind), format("/proc/%d/ns/%s", child, *kind)) ? "same" : "another");
  }
  int theirs = MUST(open(format("/proc/%d/ns/uts", child), O_RDONLY));
  int their_user = MUST(ioctl(theirs, NS_GET_USERNS));
  T(ioctl(their_user, NS_GET_OWNER_UID, &owner));
  say("owner %d\n", owner);
  CHECK(type_of(MUST(ioctl(their_user, NS_GET_PARENT))) == CLONE_NEWUSER);
  int fd = pidfd(child);
  T(setns(fd, 0));
  T(setns(fd, CLONE_NEWUTS | CLONE_FS));
  APART({
    T(setns(fd, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET));
    CHECK(same("/proc/self/ns/uts", format("/proc/%d/ns/uts", child)));
    CHECK(same("/proc/self/ns/net", format("/proc/%d/ns/net", child)));
    CHECK(!same("/proc/self/ns/user", format("/proc/%d/ns/user", child)));
    T(sethostname("joined", 6));
  });
  APART({
    T(setns(fd, CLONE_NEWUSER | CLONE_NEWUTS));
    T(setns(fd, CLONE_NEWUSER));
    T(setns(uts, 0));
    say("%s\n", field("/proc/self/status", "CapEff"));
  });
  APART({
    become(1000);
    T(setns(theirs, 0));
    T(setns(their_user, 0));
    T(setns(theirs, 0));
  });
  APART({
    become(1001);
    T(setns(their_user, 0));
    OK(open(format("/proc/%d/ns/uts", child), O_RDONLY));
  });
  go(t.back);
  reap(child);
  // The files keep the namespaces.
  CHECK(type_of(theirs) == CLONE_NEWUTS);
  T(setns(theirs, 0));
  T(setns(uts, 0));
  T(setns(fd, CLONE_NEWUTS));
}

static void mounted(void) {
  // A mounted file keeps its namespace, too.
  APART({
    MUST(unshare(CLONE_NEWNS));
    MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
    MUST(close(MUST(open("ns", O_CREAT | O_RDWR, 0600))));
    pid_t child = CHILD({
      MUST(unshare(CLONE_NEWUTS));
      MUST(sethostname("kept", 4));
      T(mount("/proc/self/ns/uts", "ns", 0, MS_BIND, 0));
      T(mount("/proc/self/ns/mnt", "ns", 0, MS_BIND, 0));
    });
    reap(child);
    int fd = MUST(open("ns", O_RDONLY));
    T(setns(fd, CLONE_NEWUTS));
    struct utsname u;
    uname(&u);
    say("%s\n", u.nodename);
    T(umount("ns"));
  });
}

static void limits(void) {
  APART({
    become(1000);
    MUST(unshare(CLONE_NEWUSER));
    MUST(tell("/proc/self/uid_map", "0 1000 1"));
    T(tell("/proc/sys/user/max_uts_namespaces", "2\n"));
    say("limit %s", get("/proc/sys/user/max_uts_namespaces"));
    T(unshare(CLONE_NEWUTS));
    T(unshare(CLONE_NEWUTS));
    int kept = MUST(open("/proc/self/ns/uts", O_RDONLY));
    T(unshare(CLONE_NEWUTS));
    T(unshare(CLONE_NEWUTS));
    close(kept);
    T(unshare(CLONE_NEWUTS));
    T(tell("/proc/sys/user/max_user_namespaces", "0\n"));
    T(unshare(CLONE_NEWUSER));
    T(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
  });
}

static void threads(void) {
  T(unshare(0x01));
  T(unshare(CLONE_NEWNS | CLONE_PARENT));
  APART({
    become(1000);
    T(unshare(CLONE_NEWUTS));
    T(unshare(CLONE_NEWNS));
    T(unshare(CLONE_NEWTIME));
    T(unshare(CLONE_NEWCGROUP));
    T(syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0));
    T(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP | CLONE_NEWTIME));
  });
}

int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct utsname u;
  uname(&u);
  MUST(unshare(CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWIPC));
  names();
  ipc();
  net();
  files();
  mounted();
  limits();
  threads();
}
