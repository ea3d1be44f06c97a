// /proc/net tells of sockets; descriptors name them.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static int find(const char *file, int port, const char *state) {
  FILE *f = fopen(file, "r");
  char line[300], want[20];
  int found = 0;
  sprintf(want, ":%04X ", port);
  while (f && fgets(line, sizeof line, f)) {
    char *local = strstr(line, want);
    if (local && local - line < 20 && strstr(line, state)) found++;
  }
  if (f) fclose(f);
  return found;
}
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0)), u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(bind(u, (void *)&a, sizeof a));
  MUST(listen(l, 5));
  getsockname(l, (void *)&a, &n);
  int port = ntohs(a.sin_port);
  CHECK(find("/proc/net/tcp", port, " 0A ") == 1);
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  MUST(accept(l, 0, 0));
  CHECK(find("/proc/net/tcp", port, " 01 ") == 1);
  n = sizeof a;
  getsockname(u, (void *)&a, &n);
  CHECK(find("/proc/net/udp", ntohs(a.sin_port), " 07 ") == 1);
  char path[40], text[60] = {0};
  sprintf(path, "/proc/self/fd/%d", l);
  MUST(readlink(path, text, 59));
  struct stat st;
  fstat(l, &st);
  char want[60];
  sprintf(want, "socket:[%lu]", (long)st.st_ino);
  CHECK(!strcmp(want, text));
  T(open(path, O_RDWR));
  CHECK(access("/proc/net/unix", R_OK) == 0);
  CHECK(access("/proc/net/dev", R_OK) == 0);
  CHECK(access("/proc/net/route", R_OK) == 0);
  return 0;
}
