/* One side of the gate each: what takes the time is known, and said by the subject's place in verdicts.test.ts. */
#include "subject.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

/* User space */
void sieve(int unused) {
  static char composite[1 << 20];
  for (int i = 2; i < 1024; i++)
    for (int j = i * i; !composite[i] && j < (1 << 20); j += i) composite[j] = 1;
}
void matrix(int unused) {
  static double a[96][96], b[96][96], c[96][96];
  for (int i = 0; i < 4 * 96; i++)
    for (int j = 0; j < 96; j++)
      for (int k = 0; k < 96; k++) c[i % 96][j] += a[i % 96][k] * b[k][j];
}
int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
void sorts(int unused) {
  static int values[100000];
  for (int i = 0; i < 100000; i++) values[i] = (i * 7919) % 100003;
  qsort(values, 100000, sizeof *values, by_value);
}
/* Reads and writes a little, in large pieces: that does not make it kernel space. */
void hash(int unused) {
  static unsigned char bytes[1 << 20];
  unsigned long sum = 5381;
  int fd = open("/dev/zero", O_RDONLY);
  check(read(fd, bytes, sizeof bytes) == sizeof bytes, "read");
  for (int round = 0; round < 3; round++)
    for (size_t i = 0; i < sizeof bytes; i++) sum = sum * 33 + bytes[i];
  printf("%lu\n", sum);
}

/* Kernel space */
void calls(int unused) {
  for (int i = 0; i < 20000; i++) syscall(SYS_getppid);
}
void pipes(int unused) {
  char byte = 0;
  int ends[2];
  check(!pipe(ends), "pipe");
  for (int i = 0; i < 5000; i++) {
    check(write(ends[1], &byte, 1) == 1, "write");
    check(read(ends[0], &byte, 1) == 1, "read");
  }
}

/* Waiting */
static void later(long milliseconds) {
  struct timespec time = {0, milliseconds * 1000000};
  nanosleep(&time, 0);
}
void polls(int unused) { poll(0, 0, 150); }
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
void *holds(void *id) {
  pthread_mutex_lock(&lock);
  later(150);
  pthread_mutex_unlock(&lock);
  return id;
}
void mutex(int unused) {
  pthread_t thread;
  pthread_create(&thread, 0, holds, 0);
  later(10);
  pthread_mutex_lock(&lock);
}
void sockets(int unused) {
  int ends[2];
  char byte;
  check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
  if (!fork()) {
    later(150);
    check(send(ends[1], "x", 1, 0) == 1, "send");
    _exit(0);
  }
  check(recv(ends[0], &byte, 1, 0) == 1, "recv");
}
void locks(int unused) {
  int fd = open("/tmp/lock", O_CREAT | O_RDWR, 0600);
  if (!fork()) {
    int own = open("/tmp/lock", O_RDWR);
    check(!flock(own, LOCK_EX), "flock");
    later(150);
    _exit(0);
  }
  later(20);
  check(!flock(fd, LOCK_EX), "flock");
}
void heard(int signal) {}
void alarms(int unused) {
  struct itimerval timer = {{0, 0}, {0, 150000}};
  signal(SIGALRM, heard);
  setitimer(ITIMER_REAL, &timer, 0);
  sigset_t none;
  sigemptyset(&none);
  sigsuspend(&none);
}
/* A disk's, by the model: here nothing waits for it. */
void disk(int unused) {
  int fd = open("/tmp/journal", O_CREAT | O_RDWR, 0600);
  for (int i = 0; i < 30; i++) check(write(fd, "entry\n", 6) == 6 && !fsync(fd), "fsync");
}

int main(int argc, char **argv) {
  static const struct subject subjects[] = {
      {"sieve", sieve}, {"matrix", matrix}, {"sorts", sorts},     {"hash", hash},   {"calls", calls},   {"pipes", pipes},
      {"polls", polls}, {"mutex", mutex},   {"sockets", sockets}, {"locks", locks}, {"alarms", alarms}, {"disk", disk},
      {0},
  };
  return choose(subjects, argc, argv);
}
