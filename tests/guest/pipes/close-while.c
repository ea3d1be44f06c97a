// Descriptors closed or replaced by another thread while a call on them waits.
#include "t.h"
#include <pthread.h>
#include <sys/socket.h>
static int p[2];
static void *reader(void *x) {
  (void)x;
  char b[10];
  return (void *)read(p[0], b, 10);
}
int main(void) {
  pthread_t t;
  void *r;
  // A read under way goes on though its descriptor is closed.
  MUST(pipe(p));
  pthread_create(&t, 0, reader, 0);
  nap(30);
  int keep = dup(p[0]);
  close(p[0]);
  write(p[1], "abc", 3);
  pthread_join(t, &r);
  say("read %ld\n", (long)r);
  close(keep);
  // Replaced by dup2: the old file is read.
  MUST(pipe(p));
  pthread_create(&t, 0, reader, 0);
  nap(30);
  int z = open("/dev/zero", O_RDONLY);
  dup2(z, p[0]);
  write(p[1], "ab", 2);
  pthread_join(t, &r);
  say("read %ld\n", (long)r);
  // The writer's end closed by another thread ends it.
  MUST(pipe(p));
  pthread_create(&t, 0, reader, 0);
  nap(30);
  close(p[1]);
  pthread_join(t, &r);
  say("read %ld\n", (long)r);
  // shutdown wakes a reader of a socket.
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  pthread_create(&t, 0, reader, 0);
  nap(30);
  shutdown(p[0], SHUT_RD);
  pthread_join(t, &r);
  say("read %ld\n", (long)r);
  return 0;
}
