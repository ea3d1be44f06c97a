/* What crossings cost on this Linux: one line for each, "name nanoseconds". The doctor's cost model is made of it.
   calibrate FOLDER */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[65536];
static int file, null, socket_in, socket_out, epoll, there[2], back[2];
static volatile int heard;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Least mean of many short batches: what else the machine does then spoils some of them, not the figure. */
static double measured(void (*body)(void), int batch) {
  double least = 1e18, end = now() + 12e6;
  for (int round = 0; round < 4 || (round < 200 && now() < end); round++) {
    double begun = now();
    for (int i = 0; i < batch; i++) body();
    double mean = (now() - begun) / batch;
    if (mean < least) least = mean;
  }
  return least;
}
static double told(const char *name, double nanoseconds) {
  printf("%s %.3f\n", name, nanoseconds > 0 ? nanoseconds : 0);
  return nanoseconds;
}

static void call(void) { syscall(SYS_getppid); }
static void one_read(void) { pread(file, buffer, 1, 0); }
static void large_read(void) { pread(file, buffer, sizeof buffer, 0); }
static void one_write(void) { pwrite(file, buffer, 1, 0); }
static void open_close(void) { close(open("/proc/../usr/bin/env", O_RDONLY)); }
static void dup_close(void) { close(dup(null)); }
static void status(void) { struct stat s; stat("/usr/bin/env", &s); }
static void missing(void) { access("/usr/lib/nowhere", F_OK); }
static void file_status(void) { struct stat s; fstat(file, &s); }
static void map(void) { munmap(mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 65536); }
static void brk_pair(void) { sbrk(65536); sbrk(-65536); }
static void protect(void) { mprotect(buffer - (unsigned long)buffer % 4096 + 4096, 4096, PROT_READ | PROT_WRITE); }
static void touch(void) {
  char *memory = mmap(0, 256 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(memory, 256 * 4096, MADV_NOHUGEPAGE);
  for (int i = 0; i < 256; i++) memory[i * 4096] = 1;
  munmap(memory, 256 * 4096);
}
static void forked(void) {
  if (!fork()) _exit(0);
  wait(0);
}
static void executed(void) {
  if (!vfork()) {
    execl("/bin/true", "true", (char *)0);
    _exit(1);
  }
  wait(0);
}
static void *nothing(void *unused) { return unused; }
static void threaded(void) {
  pthread_t thread;
  pthread_create(&thread, 0, nothing, 0);
  pthread_join(thread, 0);
}
static void wake(void) { static int word; syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0); }
static void polled(void) { struct pollfd what = {there[0], POLLIN, 0}; poll(&what, 1, 0); }
static void epolled(void) { struct epoll_event event; epoll_wait(epoll, &event, 1, 0); }
static void hears(int signal) { heard = signal; }
static void signalled(void) { kill(getpid(), SIGUSR1); }
static void sent(void) { send(socket_out, buffer, 32, 0); }
static void exchanged(void) { send(socket_out, buffer, 32, 0); recv(socket_in, buffer, 32, 0); }
static void round_trip(void) { write(there[1], buffer, 1); read(back[0], buffer, 1); }
static void synced(void) { pwrite(file, buffer, 4096, 0); fsync(file); }

/* Ordinary code: a sieve, a hash table, a linked list. Its instructions on RV64GC, gcc -O1, are known (calibration.ts). */
struct node { struct node *next; unsigned value; };
static void ordinary(void) {
  static unsigned char composite[200000];
  static unsigned table[4096];
  static struct node nodes[5000];
  memset(composite, 0, sizeof composite);
  for (int i = 2; i < 448; i++)
    if (!composite[i])
      for (int j = i * i; j < 200000; j += i) composite[j] = 1;
  unsigned hash = 2166136261u;
  for (int i = 0; i < 200000; i++) {
    hash = (hash ^ composite[i] ^ (unsigned)i) * 16777619u;
    table[hash >> 20] += hash & 7;
  }
  for (int i = 0; i < 5000; i++) nodes[i] = (struct node){&nodes[(i * 2477 + 1) % 5000], table[i & 4095]};
  unsigned sum = 0;
  struct node *at = nodes;
  for (int i = 0; i < 200000; i++, at = at->next)
    if (at->value > (sum & 1023)) sum += at->value;
    else sum ^= hash;
  heard = sum;
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--ordinary")) {
    for (int i = 0; argc > 2 && i < atoi(argv[2]); i++) ordinary();
    return 0;
  }
  char path[4096];
  snprintf(path, sizeof path, "%s/calibrate.tmp", argc > 1 ? argv[1] : ".");
  file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  null = open("/dev/null", O_RDWR);
  if (file < 0 || null < 0) return 1;
  unlink(path);
  write(file, buffer, sizeof buffer);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof to;
  socket_in = socket(AF_INET, SOCK_DGRAM, 0);
  socket_out = socket(AF_INET, SOCK_DGRAM, 0);
  int network = !bind(socket_in, (struct sockaddr *)&to, size) && !getsockname(socket_in, (struct sockaddr *)&to, &size) &&
                !connect(socket_out, (struct sockaddr *)&to, size);
  pipe(there);
  pipe(back);
  epoll = epoll_create1(0);

  told("instruction", measured(ordinary, 1));
  double none = told("call", measured(call, 100));
  double reading = told("read", measured(one_read, 100));
  told("byte", (measured(large_read, 10) - reading) / sizeof buffer);
  double writing = told("write", measured(one_write, 100));
  double closing = told("close", measured(dup_close, 100) / 2);
  told("openat", measured(open_close, 100) - closing);
  told("newfstatat", measured(status, 100));
  told("faccessat", measured(missing, 100));
  told("fstat", measured(file_status, 100));
  double mapping = measured(map, 100);
  told("mmap", mapping * 0.45);
  told("munmap", mapping * 0.55);
  told("brk", measured(brk_pair, 100) / 2);
  told("mprotect", measured(protect, 100));
  told("pageFault", (measured(touch, 2) - mapping) / 256);
  double forking = told("fork", measured(forked, 2));
  told("exec", measured(executed, 2) - forking * 0.5);
  told("thread", measured(threaded, 10));
  told("futex", measured(wake, 100));
  told("ppoll", measured(polled, 100));
  told("epoll_pwait", measured(epolled, 100));
  signal(SIGUSR1, hears);
  told("signal", measured(signalled, 100) - none);
  if (network) {
    double exchange = measured(exchanged, 100);
    double sending = told("sendto", measured(sent, 100));
    told("recvfrom", exchange - sending);
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu() < 0 ? 0 : sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  pid_t child = fork();
  if (!child) {
    while (read(there[0], buffer, 1) == 1) write(back[1], buffer, 1);
    _exit(0);
  }
  told("switch", measured(round_trip, 100) / 2 - reading - writing);
  kill(child, SIGKILL);
  wait(0);
  told("fsync", measured(synced, 1));
  return 0;
}
