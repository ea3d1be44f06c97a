// sendmsg, recvmsg, sendmmsg, recvmmsg: vectors, flags, counts, errors.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
int main(void) {
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  char a[10], b[10];
  struct iovec v[2] = {{"abc", 3}, {"defg", 4}}, r[2] = {{a, 2}, {b, 10}};
  struct msghdr m = {.msg_iov = v, .msg_iovlen = 2}, g = {.msg_iov = r, .msg_iovlen = 2};
  T(sendmsg(s[0], &m, 0));
  T(recvmsg(s[1], &g, 0));
  print_bytes("b", b, 5);
  m.msg_iovlen = 2000;
  T(sendmsg(s[0], &m, 0));
  m.msg_iovlen = 0;
  T(sendmsg(s[0], &m, 0));
  T(sendmsg(s[0], (void *)16, 0));
  m.msg_iov = (void *)16;
  m.msg_iovlen = 1;
  T(sendmsg(s[0], &m, 0));
  T(recvmsg(s[1], &g, MSG_DONTWAIT));
  char c[100];
  struct cmsghdr *h = (void *)c;
  m = (struct msghdr){.msg_iov = v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = 8};
  T(sendmsg(s[0], &m, 0));
  m.msg_controllen = CMSG_LEN(4);
  *h = (struct cmsghdr){.cmsg_len = 3, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  T(sendmsg(s[0], &m, 0));
  *h = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = SOL_SOCKET, .cmsg_type = 99};
  T(sendmsg(s[0], &m, 0));
  *h = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = 99, .cmsg_type = 99};
  T(sendmsg(s[0], &m, 0));
  while (recv(s[1], a, 10, MSG_DONTWAIT) > 0) {
  }
  // Many messages in one call.
  int u[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, u));
  struct mmsghdr mm[4];
  struct iovec mv[4] = {{"1", 1}, {"22", 2}, {"333", 3}, {"4444", 4}};
  memset(mm, 0, sizeof mm);
  for (int i = 0; i < 4; i++) mm[i].msg_hdr.msg_iov = &mv[i], mm[i].msg_hdr.msg_iovlen = 1;
  T(sendmmsg(u[0], mm, 4, 0));
  say("%u %u %u %u\n", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len, mm[3].msg_len);
  char buf[4][10];
  for (int i = 0; i < 4; i++) mv[i] = (struct iovec){buf[i], 10};
  T(recvmmsg(u[1], mm, 3, 0, 0));
  say("%u %u %u\n", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len);
  T(recvmmsg(u[1], mm, 4, MSG_WAITFORONE, 0));
  T(recvmmsg(u[1], mm, 4, MSG_DONTWAIT, 0));
  T(sendmmsg(u[0], mm, 0, 0));
  T(sendmmsg(99, mm, 1, 0));
  // A bad one in the middle: those before it count.
  for (int i = 0; i < 4; i++) mv[i] = (struct iovec){"x", 1};
  mv[2].iov_base = (void *)16;
  T(sendmmsg(u[0], mm, 4, 0));
  for (int i = 0; i < 4; i++) mv[i] = (struct iovec){buf[i], 10};
  T(recvmmsg(u[1], mm, 2, 0, 0));
  struct timespec ts = {0, 20000000};
  write(u[0], "x", 1);
  T(recvmmsg(u[1], mm, 4, MSG_DONTWAIT, &ts));
  ts.tv_nsec = 1000000000;
  T(recvmmsg(u[1], mm, 4, MSG_DONTWAIT, &ts));
  // IP_PKTINFO.
  int x = MUST(socket(AF_INET, SOCK_DGRAM, 0)), y = MUST(socket(AF_INET, SOCK_DGRAM, 0)), on = 1;
  struct sockaddr_in sa = {.sin_family = AF_INET};
  socklen_t n = sizeof sa;
  MUST(bind(x, (void *)&sa, sizeof sa));
  getsockname(x, (void *)&sa, &n);
  setsockopt(x, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  sa.sin_addr.s_addr = htonl(0x7f000001);
  sendto(y, "pkt", 3, 0, (void *)&sa, sizeof sa);
  struct sockaddr_in from;
  g = (struct msghdr){.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = r, .msg_iovlen = 2, .msg_control = c, .msg_controllen = sizeof c};
  T(recvmsg(x, &g, 0));
  for (struct cmsghdr *k = CMSG_FIRSTHDR(&g); k; k = CMSG_NXTHDR(&g, k))
    if (k->cmsg_level == IPPROTO_IP && k->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo *i = (void *)CMSG_DATA(k);
      say("to %s\n", inet_ntoa(i->ipi_addr));
    }
  CHECK(g.msg_namelen == sizeof from);
  return 0;
}
