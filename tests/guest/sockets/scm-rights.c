// SCM_RIGHTS: descriptors passed along, in number, truncated, kept alive in flight.
#include "t.h"
#include <sys/socket.h>
static int send_fds(int s, const int *fds, int n, const char *text) {
  char c[CMSG_SPACE(300 * sizeof(int))];
  memset(c, 0, sizeof c);
  struct iovec v = {(void *)text, strlen(text)};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = CMSG_SPACE(n * sizeof(int))};
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = SOL_SOCKET;
  h->cmsg_type = SCM_RIGHTS;
  h->cmsg_len = CMSG_LEN(n * sizeof(int));
  memcpy(CMSG_DATA(h), fds, n * sizeof(int));
  return sendmsg(s, &m, 0);
}
static int recv_fds(int s, int *fds, int room, int flags, int *n, int *mflags, char *b) {
  char c[CMSG_SPACE(300 * sizeof(int))];
  struct iovec v = {b, 99};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room ? c : 0, .msg_controllen = room ? CMSG_LEN(room * sizeof(int)) : 0};
  int r = recvmsg(s, &m, flags);
  int error = errno;
  *n = 0;
  *mflags = m.msg_flags;
  if (r >= 0) {
    b[r] = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
      if (h->cmsg_type == SCM_RIGHTS) {
        *n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds, CMSG_DATA(h), *n * sizeof(int));
      }
  }
  errno = error;
  return r;
}
int main(void) {
  int s[2], fds[300], n, fl;
  char b[100];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  put("f", "content");
  int f = MUST(open("f", O_RDONLY));
  T(send_fds(s[0], &f, 1, "one"));
  close(f);
  T(recv_fds(s[1], fds, 5, 0, &n, &fl, b));
  say("%s, %d descriptors, CTRUNC %d\n", b, n, !!(fl & MSG_CTRUNC));
  T(read(fds[0], b, 3));
  T(fcntl(fds[0], F_GETFD));
  T(send_fds(s[0], fds, 1, "cloexec"));
  T(recv_fds(s[1], fds + 1, 5, MSG_CMSG_CLOEXEC, &n, &fl, b));
  T(fcntl(fds[1], F_GETFD));
  T(read(fds[1], b, 10)); // one description: its offset is shared
  // Between processes.
  pid_t c = CHILD({
    int g = open("g", O_RDWR | O_CREAT, 0644);
    write(g, "from the child", 14);
    send_fds(s[0], &g, 1, "g");
  });
  T(recv_fds(s[1], fds, 5, 0, &n, &fl, b));
  REAP(c);
  T(pread(fds[0], b, 20, 0));
  // Errors.
  int bad = 99;
  T(send_fds(s[0], &bad, 1, "bad"));
  int many[300];
  for (int i = 0; i < 300; i++) many[i] = fds[0];
  T(send_fds(s[0], many, 253, "many"));
  T(send_fds(s[0], many, 254, "too many"));
  T(recv_fds(s[1], fds + 1, 253, 0, &n, &fl, b));
  say("%d\n", n);
  for (int i = 0; i < n; i++) close(fds[1 + i]);
  // Too little room: cut, told, closed.
  int pair[2] = {fds[0], fds[0]};
  T(send_fds(s[0], pair, 2, "two"));
  T(recv_fds(s[1], fds + 1, 1, 0, &n, &fl, b));
  say("%d CTRUNC %d\n", n, !!(fl & MSG_CTRUNC));
  T(send_fds(s[0], pair, 2, "none"));
  T(recv_fds(s[1], fds + 2, 0, 0, &n, &fl, b));
  say("%d CTRUNC %d\n", n, !!(fl & MSG_CTRUNC));
  // Plain read drops them.
  T(send_fds(s[0], pair, 1, "dropped"));
  T(read(s[1], b, 10));
  // In a stream, data with descriptors is not merged with what comes after or before.
  write(s[0], "aa", 2);
  send_fds(s[0], pair, 1, "bb");
  write(s[0], "cc", 2);
  for (int i = 0; i < 3; i++) {
    int r = recv_fds(s[1], fds + 3, 5, MSG_DONTWAIT, &n, &fl, b);
    if (r < 0) break;
    say("\"%s\" with %d\n", b, n);
  }
  // Peeking gives them too.
  send_fds(s[0], pair, 1, "peek");
  T(recv_fds(s[1], fds + 4, 5, MSG_PEEK, &n, &fl, b));
  say("%d\n", n);
  T(recv_fds(s[1], fds + 5, 5, 0, &n, &fl, b));
  say("%d\n", n);
  // A pipe whose writer is only in flight has not ended; dropping the message ends it.
  int p[2];
  MUST(pipe2(p, O_NONBLOCK));
  send_fds(s[0], &p[1], 1, "w");
  close(p[1]);
  T(read(p[0], b, 1));
  close(s[0]);
  close(s[1]);
  T(read(p[0], b, 1));
  // A socket sent through itself, then forgotten.
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
  T(send_fds(s[0], &s[1], 1, "self"));
  T(recv_fds(s[1], fds, 5, 0, &n, &fl, b));
  close(s[1]);
  T(send_fds(s[0], &s[0], 1, "again"));
  T(recv_fds(fds[0], fds + 1, 5, 0, &n, &fl, b));
  struct rlimit l = {0, 100};
  (void)l;
  return 0;
}
