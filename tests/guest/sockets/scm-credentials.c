// SO_PASSCRED, SCM_CREDENTIALS, SO_PEERCRED.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>
static int send_cred(int s, struct ucred u) {
  char c[CMSG_SPACE(sizeof u)];
  memset(c, 0, sizeof c);
  struct iovec v = {"x", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c};
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = SOL_SOCKET;
  h->cmsg_type = SCM_CREDENTIALS;
  h->cmsg_len = CMSG_LEN(sizeof u);
  memcpy(CMSG_DATA(h), &u, sizeof u);
  return sendmsg(s, &m, 0);
}
static void show(int s) {
  char c[200], b[20];
  struct iovec v = {b, 20};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c};
  int r = recvmsg(s, &m, MSG_DONTWAIT);
  if (r < 0) {
    say("recvmsg %s\n", err(errno));
    return;
  }
  int found = 0;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
    if (h->cmsg_type == SCM_CREDENTIALS) {
      struct ucred u;
      memcpy(&u, CMSG_DATA(h), sizeof u);
      say("pid %s uid %d gid %d\n", u.pid == getpid() ? "self" : u.pid == getppid() ? "parent" : u.pid == 0 ? "0" : "other", (int)u.uid, (int)u.gid);
      found = 1;
    }
  if (!found) say("none\n");
}
int main(void) {
  int s[2], on = 1;
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  struct ucred u;
  socklen_t n = sizeof u;
  T(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &u, &n));
  CHECK(u.pid == getpid() && u.uid == 0 && u.gid == 0);
  write(s[0], "x", 1);
  show(s[1]);
  T(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  write(s[0], "x", 1);
  show(s[1]);
  T(send_cred(s[0], (struct ucred){getpid(), 5, 6})); // root may say anything true of pids
  show(s[1]);
  T(send_cred(s[0], (struct ucred){999999, 0, 0}));
  T(send_cred(s[0], (struct ucred){getpid(), -1, 0}));
  APART({
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1001, 1002));
    pid_t me = getpid();
    T(send_cred(s[0], (struct ucred){me, 1000, 1000}));
    T(send_cred(s[0], (struct ucred){me, 1001, 1000}));
    T(send_cred(s[0], (struct ucred){me, 1002, 1000}));
    T(send_cred(s[0], (struct ucred){me, 0, 1000}));
    T(send_cred(s[0], (struct ucred){me, 1000, 0}));
    T(send_cred(s[0], (struct ucred){getppid(), 1000, 1000}));
    write(s[0], "x", 1);
  });
  for (int i = 0; i < 4; i++) show(s[1]);
  // Messages of different senders don't merge.
  write(s[0], "a", 1);
  REAP(CHILD(write(s[0], "b", 1)));
  char b[10];
  T(recv(s[1], b, 10, 0));
  T(recv(s[1], b, 10, 0));
  // The peer's credentials are of the time of connect and listen.
  struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "s"};
  int l = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 5));
  chmod("s", 0777);
  chmod(".", 0755);
  gate g = gate_new();
  pid_t c = CHILD({
    MUST(setresgid(1000, 2000, 0));
    MUST(setresuid(1000, 2000, 0));
    int x = socket(AF_UNIX, SOCK_STREAM, 0);
    MUST(connect(x, (void *)&a, sizeof a));
    gate_wait(g);
    n = sizeof u;
    getsockopt(x, SOL_SOCKET, SO_PEERCRED, &u, &n);
    say("server uid %d pid parent %d\n", u.uid, u.pid == getppid());
  });
  int t = MUST(accept(l, 0, 0));
  n = sizeof u;
  T(getsockopt(t, SOL_SOCKET, SO_PEERCRED, &u, &n));
  say("client uid %d gid %d pid child %d\n", u.uid, u.gid, u.pid == c);
  gate_open(g);
  REAP(c);
  n = sizeof u;
  T(getsockopt(l, SOL_SOCKET, SO_PEERCRED, &u, &n));
  say("listener's own uid %d\n", u.uid);
  return 0;
}
