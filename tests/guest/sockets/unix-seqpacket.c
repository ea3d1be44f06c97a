// SOCK_SEQPACKET: connected, with boundaries and an end.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>
int main(void) {
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
  char b[100];
  T(send(s[0], "one", 3, 0));
  T(send(s[0], "three", 5, 0));
  T(recv(s[1], b, 100, 0));
  T(recv(s[1], b, 2, 0));
  T(recv(s[1], b, 100, MSG_DONTWAIT));
  struct iovec v = {b, 2};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  send(s[0], "long", 4, MSG_EOR);
  T(recvmsg(s[1], &m, 0));
  say("TRUNC %d EOR %d\n", !!(m.msg_flags & MSG_TRUNC), !!(m.msg_flags & MSG_EOR));
  T(send(s[0], "", 0, 0));
  T(recv(s[1], b, 100, 0));
  write(s[0], "x", 1);
  T(read(s[1], b, 100));
  close(s[0]);
  T(recv(s[1], b, 100, 0));
  signal(SIGPIPE, SIG_IGN);
  T(send(s[1], "x", 1, 0));
  struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "s"};
  int l = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0)), c = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0)), st = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  T(bind(l, (void *)&a, sizeof a));
  T(listen(l, 1));
  T(connect(st, (void *)&a, sizeof a));
  T(connect(c, (void *)&a, sizeof a));
  int t = accept(l, 0, 0);
  T(send(t, "from server", 11, 0));
  T(recv(c, b, 100, 0));
  T(sendto(c, "x", 1, 0, (void *)&a, sizeof a));
  int type;
  socklen_t n = sizeof type;
  T(getsockopt(c, SOL_SOCKET, SO_TYPE, &type, &n));
  say("type %d\n", type == SOCK_SEQPACKET);
  return 0;
}
