// User memory that a second thread changes while the kernel looks at it, and objects that go while they are used.
#include "e.h"
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
static volatile bool racing;
static struct { volatile unsigned long *word; unsigned long one, other; } flip;
static void *flipper(void *x UNUSED) {
  for (unsigned i = 0; racing; i++) *flip.word = i & 1 ? flip.one : flip.other;
  return 0;
}
static pthread_t begin(void *word, unsigned long one, unsigned long other) {
  pthread_t t;
  flip.word = word, flip.one = one, flip.other = other;
  racing = true;
  pthread_create(&t, 0, flipper, 0);
  return t;
}
static void end(pthread_t t) {
  racing = false;
  pthread_join(t, 0);
}
static void *unmapper(void *at) {
  while (racing) {
    munmap(at, 4096);
    mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  }
  return 0;
}
static void *closer(void *fd) {
  while (racing) {
    close((long)fd);
    dup2(1, (long)fd);
  }
  return 0;
}
int main(void) {
  union { char text[8]; unsigned long word; } path = {"public"}, secret = {"secret"}, public = {"public"};
  static char buffer[8192] __attribute__((aligned(4096)));
  chdir("/tmp");
  put("public", "plain");
  put("secret", CANARY);
  chmod("secret", 0);
  pthread_t t = begin(&path, public.word, secret.word);
  ATTEMPT("a path that changes, open", ({ bool r = false; for (int i = 0; i < 5000; i++) r |= reads(path.text); r; }));
  ATTEMPT("a path that changes, openat2", ({ bool r = false; for (int i = 0; i < 5000; i++) { uint64_t how[3] = {O_RDONLY}; r |= betrays(syscall(437, -100, path.text, how, sizeof how)); } r; }));
  ATTEMPT("a path that changes, exec", ({ for (int i = 0; i < 20; i++) reap(CHILD(execl(path.text, "x", (char *)0))); false; }));
  end(t);
  ATTEMPT("an iovec that changes", ({
    struct iovec v = {buffer, 16};
    int p[2];
    pipe2(p, O_NONBLOCK);
    pthread_t f = begin(&v.iov_len, 16, -1ul);
    for (int i = 0; i < 5000; i++) write(p[1], buffer, 16), readv(p[0], &v, 1), writev(p[1], &v, 1);
    end(f);
    f = begin(&v.iov_base, (unsigned long)buffer, 0xffffffffffff0000);
    v.iov_len = 64;
    for (int i = 0; i < 5000; i++) readv(p[0], &v, 1), writev(p[1], &v, 1);
    end(f);
    false;
  }));
  ATTEMPT("a message that changes", ({
    int s[2];
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s);
    struct iovec v = {buffer, 16};
    union { char raw[CMSG_SPACE(8 * sizeof(int))]; struct cmsghdr h; } c = {.h = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = CMSG_SPACE(sizeof(int))};
    pthread_t f = begin(&c.h.cmsg_len, CMSG_LEN(sizeof(int)), CMSG_LEN(1 << 20));
    for (int i = 0; i < 3000; i++) sendmsg(s[0], &m, 0), recv(s[1], buffer, 16, 0);
    end(f);
    f = begin(&m.msg_controllen, CMSG_SPACE(sizeof(int)), -1ul);
    for (int i = 0; i < 3000; i++) sendmsg(s[0], &m, 0), recv(s[1], buffer, 16, 0);
    end(f);
    f = begin(&m.msg_iovlen, 1, 1ul << 40);
    for (int i = 0; i < 3000; i++) sendmsg(s[0], &m, 0), recv(s[1], buffer, 16, 0);
    end(f);
    false;
  }));
  ATTEMPT("a filter that changes", ({
    struct { uint16_t code; uint8_t jt, jf; uint32_t k; } f[2] = {{0x20, 0, 0, 0}, {6, 0, 0, 0x7fff0000}};
    struct { unsigned long len; void *at; } p = {2, f};
    bool r = false;
    for (int i = 0; i < 40; i++) {
      pid_t c = fork();
      if (c == 0) {
        pthread_t g = begin(f, 0x20 | 0ul << 32, 0x20 | 0x7fff0001ul << 32);
        syscall(SYS_seccomp, 1, 0, &p);
        end(g);
        _exit(0);
      }
      r |= WIFSIGNALED(reap(c));
    }
    r;
  }));
  ATTEMPT("memory that goes while it is read and written", ({
    char *at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int p[2];
    pipe2(p, O_NONBLOCK);
    racing = true;
    pthread_t u;
    pthread_create(&u, 0, unmapper, at);
    int file = open("public", O_RDWR);
    for (int i = 0; i < 5000; i++) write(p[1], at, 4096), read(p[0], at, 4096), pread(file, at, 5, 0), pwrite(file, at, 5, 0), syscall(SYS_getcwd, at, 4096);
    end(u);
    false;
  }));
  ATTEMPT("memory that goes while a call waits for it", ({
    int p[2];
    pipe(p);
    char *at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool r = false;
    pid_t c = fork();
    if (c == 0) {
      racing = true;
      pthread_t u;
      pthread_create(&u, 0, unmapper, at);
      for (int i = 0; i < 200; i++) read(p[0], at, 4096);
      _exit(0);
    }
    for (int i = 0; i < 200; i++) write(p[1], "x", 1), sched_yield();
    kill(c, SIGKILL);
    reap(c);
    r;
  }));
  ATTEMPT("descriptors that are closed while they are used", ({
    int fd = dup2(open("public", O_RDWR), 50);
    racing = true;
    pthread_t u;
    pthread_create(&u, 0, closer, (void *)(long)fd);
    for (int i = 0; i < 5000; i++) {
      struct pollfd w = {fd, POLLIN, 0};
      fcntl(fd, F_GETFL), lseek(fd, 0, SEEK_CUR), poll(&w, 1, 0), fstat(fd, (struct stat *)buffer), dup2(fd, 51);
    }
    end(u);
    false;
  }));
  ATTEMPT("a name that is too long half the time", ({
    static char name[5000];
    memset(name, 'a', sizeof name);
    pthread_t f = begin(name + 248, 0x6161616161616161, 0x61616161);
    for (int i = 0; i < 3000; i++) opens(name, O_RDONLY), mkdir(name, 0700), rmdir(name);
    end(f);
    false;
  }));
  ATTEMPT("descriptors over sockets, in a circle", ({
    for (int i = 0; i < 200; i++) {
      int s[2];
      socketpair(AF_UNIX, SOCK_STREAM, 0, s);
      char x = 0;
      struct iovec v = {&x, 1};
      union { char raw[CMSG_SPACE(2 * sizeof(int))]; struct cmsghdr h; } c = {.h = {CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
      memcpy(CMSG_DATA(&c.h), s, sizeof s);
      struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof c};
      sendmsg(s[0], &m, 0);
      close(s[0]), close(s[1]);
    }
    int s[2];
    bool r = socketpair(AF_UNIX, SOCK_STREAM, 0, s) != 0;
    r;
  }));
  ATTEMPT("a descriptor of a directory, sent to one that has left it", ({
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    openat(s[0], "..", O_RDONLY) >= 0;
  }));
  return 0;
}
