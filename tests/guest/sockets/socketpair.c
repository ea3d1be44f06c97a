// socketpair(2), shutdown(2), flags of send and recv on a stream.
#include "t.h"
#include <poll.h>
#include <sys/socket.h>
int main(void) {
  int s[2];
  T(socketpair(AF_INET, SOCK_STREAM, 0, s));
  T(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)16));
  T(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
  T(fcntl(s[0], F_GETFD));
  char b[100] = {0};
  T(recv(s[0], b, 10, 0));
  T(send(s[0], "abcdef", 6, 0));
  T(recv(s[1], b, 3, MSG_PEEK));
  T(recv(s[1], b, 100, MSG_PEEK));
  T(recv(s[1], b, 2, 0));
  T(recv(s[1], b, 100, 0));
  print_bytes("rest", b, 4);
  T(send(s[0], "ab", 2, MSG_OOB) >= -1);
  fcntl(s[1], F_SETFL, 0);
  while (recv(s[1], b, 100, MSG_DONTWAIT) > 0) {
  }
  pid_t me = getpid();
  pid_t c = CHILD(until(me, 'S'); write(s[0], "abc", 3); nap(10); write(s[0], "def", 3));
  T(recv(s[1], b, 6, MSG_WAITALL));
  REAP(c);
  write(s[0], "abc", 3);
  T(recv(s[1], b, 6, MSG_WAITALL | MSG_DONTWAIT));
  // Half-close.
  T(shutdown(s[0], SHUT_WR));
  T(recv(s[1], b, 10, 0));
  T(recv(s[1], b, 10, 0));
  signal(SIGPIPE, SIG_IGN);
  T(send(s[0], "x", 1, 0));
  T(send(s[1], "still", 5, 0));
  T(recv(s[0], b, 10, 0));
  T(shutdown(s[1], SHUT_RDWR));
  T(recv(s[0], b, 10, 0));
  T(shutdown(s[1], SHUT_RDWR));
  T(shutdown(1, SHUT_RD));
  T(shutdown(s[0], 5));
  // SHUT_RD: what comes in is refused.
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  write(s[0], "before", 6);
  T(shutdown(s[1], SHUT_RD));
  T(recv(s[1], b, 10, 0));
  T(recv(s[1], b, 10, 0));
  T(send(s[0], "after", 5, 0));
  // Closing with unread data resets.
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  write(s[0], "unread", 6);
  close(s[1]);
  T(recv(s[0], b, 10, 0));
  T(recv(s[0], b, 10, 0));
  T(send(s[0], "x", 1, 0));
  // ioctls
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  write(s[0], "12345", 5);
  int n;
  T(ioctl(s[1], FIONREAD, &n));
  say("%d\n", n);
  T(lseek(s[0], 0, SEEK_SET));
  T(ftruncate(s[0], 0));
  T(fsync(s[0]));
  struct stat st;
  T(fstat(s[0], &st));
  say("%o\n", st.st_mode & S_IFMT);
  T(send(1, "x", 1, 0));
  T(send(99, "x", 1, 0));
  T(send(s[0], (void *)16, 5, 0));
  T(recv(s[1], (void *)16, 5, 0));
  T(recv(s[1], b, 5, 0));
  T(send(s[0], "x", 1, 0));
  T(write(s[0], "", 0));
  T(send(s[0], "", 0, 0));
  T(recv(s[1], b, 0, 0));
  T(recv(s[1], b, 9, 0));
  // A write bigger than the buffer, blocking.
  static char big[1000000];
  c = CHILD({
    close(s[1]);
    T(write(s[0], big, sizeof big));
  });
  close(s[0]);
  long total = 0, r;
  while ((r = read(s[1], big, 10000)) > 0) total += r;
  REAP(c);
  say("total %ld\n", total);
  return 0;
}
