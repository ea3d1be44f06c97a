// A small HTTP exchange between a server of threads and clients of processes.
#include "t.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
static int l;
static void *serve(void *x) {
  for (;;) {
    int s = accept(l, 0, 0);
    if (s < 0) return x;
    FILE *in = fdopen(s, "r"), *out = fdopen(dup(s), "w");
    char line[200], path[100] = "", header[200];
    int length = 0;
    if (!fgets(line, sizeof line, in) || sscanf(line, "%*s %99s", path) != 1) {
      fclose(in), fclose(out);
      continue;
    }
    while (fgets(header, sizeof header, in) && strcmp(header, "\r\n")) sscanf(header, "Content-Length: %d", &length);
    char body[1000] = "";
    if (length) fread(body, 1, length, in);
    char answer[1200];
    int n = snprintf(answer, sizeof answer, "path %s body %s", path, body);
    fprintf(out, "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s", n, answer);
    fclose(out);
    fclose(in);
    if (!strcmp(path, "/quit")) return x;
  }
}
static void fetch(int port, const char *path, const char *body, char *answer) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(s, (void *)&a, sizeof a));
  dprintf(s, "POST %s HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%s", path, strlen(body), body);
  int n = 0, r;
  while ((r = read(s, answer + n, 2000 - n)) > 0) n += r;
  answer[n] = 0;
  close(s);
}
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  socklen_t n = sizeof a;
  l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 20));
  getsockname(l, (void *)&a, &n);
  int port = ntohs(a.sin_port);
  pthread_t t[3];
  for (int i = 0; i < 3; i++) pthread_create(&t[i], 0, serve, 0);
  char b[2001];
  fetch(port, "/first", "hello", b);
  print_bytes("answer", b, strlen(b));
  pid_t c[5];
  for (int i = 0; i < 5; i++)
    c[i] = CHILD({
      int good = 0;
      for (int j = 0; j < 10; j++) {
        char path[30];
        char want[60];
        sprintf(path, "/%d/%d", i, j);
        sprintf(want, "path %s body data%d", path, j);
        char body[20];
        sprintf(body, "data%d", j);
        fetch(port, path, body, b);
        good += strstr(b, want) != 0;
      }
      _exit(good);
    });
  for (int i = 0; i < 5; i++) say("%s\n", status_text(reap(c[i])));
  for (int i = 0; i < 3; i++) fetch(port, "/quit", "", b);
  for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
  say("done\n");
  return 0;
}
