/* One byte to another process, or thread, and back. */
#include "measure.h"
#include <arpa/inet.h>
#include <linux/futex.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

static int out, in;
/* The other process ends when ours has closed its descriptors, which it must not hold itself. */
static void echo(int from, int to) {
  char byte;
  signal(SIGCHLD, SIG_IGN);
  if (fork()) return;
  close(out), close(in);
  while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1);
  _exit(0);
}
static uint64_t exchange(long n) {
  char byte = 1;
  TIMED(must(write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1, "exchange"));
}
static uint64_t pipe_(long n) {
  if (!out) {
    int there[2], back[2];
    must(pipe(there) == 0 && pipe(back) == 0, "pipe");
    out = there[1], in = back[0];
    echo(there[0], back[1]);
    close(there[0]), close(back[1]);
  }
  return exchange(n);
}
static uint64_t unix_(long n) {
  if (!out) {
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    out = in = pair[0];
    echo(pair[1], pair[1]);
    close(pair[1]);
  }
  return exchange(n);
}
static uint64_t tcp(long n) {
  if (!out) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    must(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
    getsockname(listener, (void *)&address, &length);
    out = in = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(out, (void *)&address, length) == 0, "connect");
    int other = accept(listener, 0, 0);
    setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(other, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    close(listener);
    echo(other, other);
    close(other);
  }
  return exchange(n);
}

static int turn;
static void futex(int operation, int value) { syscall(SYS_futex, &turn, operation | FUTEX_PRIVATE_FLAG, value, 0, 0, 0); }
static void wait_for(int mine) {
  int seen;
  while ((seen = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) != mine) futex(FUTEX_WAIT, seen);
}
static void hand_to(int other) {
  __atomic_store_n(&turn, other, __ATOMIC_RELEASE);
  futex(FUTEX_WAKE, 1);
}
static void *partner(void *unused) {
  for (;;) wait_for(1), hand_to(0);
  return unused;
}
static uint64_t futex_(long n) {
  static pthread_t thread;
  if (!thread) must(pthread_create(&thread, 0, partner, 0) == 0, "pthread_create");
  TIMED((hand_to(1), wait_for(0)));
}

int main(int argc, char **argv) {
  return choose((struct row[]){{"pipe", pipe_}, {"unix", unix_}, {"tcp", tcp}, {"futex", futex_}, {0}}, argc, argv);
}
