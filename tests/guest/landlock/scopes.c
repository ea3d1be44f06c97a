// Landlock: TCP ports, signals, abstract sockets, tracing.
#include "l.h"
#include <sys/ptrace.h>
#define TRY(...) ({ errno = 0; long r_ = (long)(__VA_ARGS__); int e_ = errno; say("  %s: %s\n", #__VA_ARGS__, r_ == -1 ? err(e_) : "ok"); r_; })
static void *any(int family, int port, socklen_t *length) {
  static struct sockaddr_in6 a;
  memset(&a, 0, sizeof a);
  if (family == AF_INET6) a = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT}, *length = sizeof a;
  else {
    struct sockaddr_in *four = (void *)&a;
    *four = (struct sockaddr_in){.sin_family = family, .sin_port = htons(port), .sin_addr.s_addr = htonl(family == AF_UNSPEC ? 0 : INADDR_LOOPBACK)};
    *length = sizeof *four;
  }
  return &a;
}
static int try_bind(int family, int type, int as, int port, int cut) {
  socklen_t n;
  int s = socket(family, type, 0);
  void *a = any(as, port, &n);
  int r = bind(s, a, cut ? cut : n);
  int e = errno;
  close(s);
  errno = e;
  return r;
}
static int try_connect(int family, int type, int as, int port, int cut) {
  socklen_t n;
  int s = socket(family, type, 0);
  void *a = any(as, port, &n);
  int r = connect(s, a, cut ? cut : n);
  int e = errno;
  close(s);
  errno = e;
  return r;
}
static void ports(void) {
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_INET, 4101, 0));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_INET, 4102, 0));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_INET, 0, 0));
  TRY(try_bind(AF_INET, SOCK_DGRAM, AF_INET, 4102, 0));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_UNSPEC, 4101, 0));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_UNSPEC, 4102, 0));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_INET6, 4101, 0));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_INET, 4101, 8));
  TRY(try_bind(AF_INET, SOCK_STREAM, AF_INET, 4101, 1));
  TRY(try_bind(AF_INET6, SOCK_STREAM, AF_INET6, 4101, 0));
  TRY(try_bind(AF_INET6, SOCK_STREAM, AF_INET6, 4102, 0));
  TRY(try_bind(AF_INET6, SOCK_STREAM, AF_INET6, 4102, 20));
  TRY(try_connect(AF_INET, SOCK_STREAM, AF_INET, 4101, 0));
  TRY(try_connect(AF_INET, SOCK_STREAM, AF_INET, 4102, 0));
  TRY(try_connect(AF_INET, SOCK_DGRAM, AF_INET, 4102, 0));
  TRY(try_connect(AF_INET, SOCK_STREAM, AF_UNSPEC, 4102, 0));
  TRY(try_connect(AF_INET, SOCK_STREAM, AF_INET, 4102, 4));
  TRY(try_connect(AF_INET6, SOCK_STREAM, AF_INET6, 4102, 0));
}
static int abstract(const char *name, struct sockaddr_un *a) {
  memset(a, 0, sizeof *a);
  a->sun_family = AF_UNIX;
  sprintf(a->sun_path + 1, "%s-%d", name, getpgrp());
  return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a->sun_path + 1);
}
int main(void) {
  setpgid(0, 0);
  say("ports\n");
  APART(int r = MUST(create(0, BIND_TCP | CONNECT_TCP, 0)); MUST(allow_port(r, 4101, BIND_TCP | CONNECT_TCP)); MUST(restrict_self(r)); ports());
  APART(int r = MUST(create(0, BIND_TCP, 0)); MUST(allow_port(r, 4102, BIND_TCP)); MUST(restrict_self(r)); ports());
  APART(int r = MUST(create(READ_FILE, 0, 0)); MUST(restrict_self(r)); r = MUST(create(0, CONNECT_TCP, 0)); MUST(restrict_self(r)); ports());

  say("signals\n");
  pid_t before = CHILD(pause(); pause());
  for (int scoped = 0; scoped < 3; scoped++)
    APART({
      int r = scoped == 2 ? MUST(create(READ_FILE, 0, 0)) : MUST(create(0, 0, scoped ? SCOPE_SIGNAL : SCOPE_SOCKET));
      pid_t outside = CHILD(pause());
      MUST(restrict_self(r));
      pid_t inside = CHILD(pause());
      TRY(kill(before, 0));
      TRY(kill(getppid(), 0));
      TRY(kill(outside, 0));
      TRY(kill(inside, 0));
      TRY(kill(getpid(), 0));
      TRY(kill(0, 0));
      TRY(syscall(SYS_tgkill, inside, inside, 0));
      pid_t deeper = CHILD({
        MUST(restrict_self(r));
        TRY(kill(inside, 0));
        TRY(kill(getppid(), 0));
        TRY(kill(getpid(), 0));
      });
      reap(deeper);
      say("  tracing\n");
      TRY(ptrace(PTRACE_ATTACH, outside, 0, 0));
      TRY(ptrace(PTRACE_SEIZE, inside, 0, 0));
      char path[64];
      sprintf(path, "/proc/%d/exe", outside);
      char target[256];
      TRY(readlink(path, target, sizeof target));
      kill(inside, SIGKILL);
      reap(inside);
      if (scoped != 1) kill(outside, SIGKILL), reap(outside);
      else APART(MUST(0));
    });
  kill(before, SIGKILL);
  reap(before);
  APART({
    pid_t t = CHILD({
      int r = MUST(create(READ_FILE, 0, 0));
      MUST(restrict_self(r));
      pid_t c = CHILD(TRY(ptrace(PTRACE_TRACEME, 0, 0, 0)));
      reap(c);
    });
    reap(t);
  });

  say("abstract sockets\n");
  for (int scoped = 0; scoped < 2; scoped++)
    for (int type = 0; type < 2; type++)
      APART({
        struct sockaddr_un a;
        int kind = type ? SOCK_DGRAM : SOCK_STREAM;
        int n = abstract("outside", &a);
        int s = socket(AF_UNIX, kind, 0);
        MUST(bind(s, (void *)&a, n));
        if (!type) listen(s, 5);
        int connected = socket(AF_UNIX, kind, 0);
        if (type) MUST(connect(connected, (void *)&a, n));
        struct sockaddr_un named = {.sun_family = AF_UNIX, .sun_path = "named"};
        int path = socket(AF_UNIX, kind, 0);
        MUST(bind(path, (void *)&named, sizeof named));
        if (!type) listen(path, 5);
        int r = MUST(create(0, 0, scoped ? SCOPE_SOCKET : SCOPE_SIGNAL));
        MUST(restrict_self(r));
        int c = socket(AF_UNIX, kind, 0);
        if (type) TRY(sendto(c, "x", 1, 0, (void *)&a, n)), TRY(sendto(connected, "x", 1, 0, (void *)&a, n)), TRY(send(connected, "x", 1, 0));
        TRY(connect(c, (void *)&a, n));
        close(c);
        c = socket(AF_UNIX, kind, 0);
        TRY(connect(c, (void *)&named, sizeof named));
        struct sockaddr_un b;
        int m = abstract("inside", &b);
        int in = socket(AF_UNIX, kind, 0);
        MUST(bind(in, (void *)&b, m));
        if (!type) listen(in, 5);
        c = socket(AF_UNIX, kind, 0);
        TRY(connect(c, (void *)&b, m));
        close(s), close(in), close(path);
        unlink("named");
      });
  return 0;
}
