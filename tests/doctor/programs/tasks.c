/* Processes and memory: starting, ending, faulting, mapping, signals, limits. */
#include "subject.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static volatile unsigned long sink;
void work(long rounds) {
  for (long i = 0; i < rounds; i++) sink = sink * 31 + i;
}
void touch(char *memory, size_t size) {
  for (size_t at = 0; at < size; at += 4096) memory[at] = 1;
}
char *map(size_t size) {
  char *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(memory != MAP_FAILED, "mmap");
  return memory;
}

void forks(int wasteful) {
  for (int i = 0; i < (wasteful ? 40 : 2); i++) {
    if (!fork()) _exit(0);
    wait(0);
  }
}
void starts(int wasteful) {
  if (wasteful) touch(map(8 << 20), 8 << 20);
  else work(2000000);
}
void faults(int wasteful) {
  size_t size = 8 << 20;
  check(write(2, "", 0) == 0, "write");
  if (wasteful) touch(map(size), size);
  else {
    char *memory = map(65536);
    for (int i = 0; i < 128; i++) touch(memory, 65536);
  }
}
void maps(int wasteful) {
  check(write(2, "", 0) == 0, "write");
  char *memory = 0;
  for (int i = 0; i < 600; i++) {
    if (wasteful || !memory) memory = map(16384);
    memory[0] = 1;
    if (wasteful) munmap(memory, 16384);
  }
}
void breaks(int wasteful) {
  check(write(2, "", 0) == 0, "write");
  for (int i = 0; i < (wasteful ? 600 : 1); i++) {
    sbrk(65536);
    sbrk(-65536);
  }
}

static volatile int heard;
void hears(int signal) { heard += signal; }
void signals(int wasteful) {
  signal(SIGUSR1, hears);
  for (int i = 0; i < (wasteful ? 1500 : 5); i++) kill(getpid(), SIGUSR1);
}
void limit(int wasteful) {
  struct rlimit files = {20, 1024};
  setrlimit(RLIMIT_NOFILE, &files);
  for (int i = 0; i < 40; i++) {
    int fd = open("/etc/passwd", O_RDONLY);
    if (!wasteful) close(fd);
  }
}
void leak(int wasteful) {
  for (int i = 0; i < 100; i++) {
    int fd = open("/etc/passwd", O_RDONLY);
    if (!wasteful) close(fd);
  }
}
void zombies(int wasteful) {
  for (int i = 0; i < 12; i++)
    if (!fork()) _exit(0);
  usleep(20000);
  for (int i = 0; i < 12 && !wasteful; i++) wait(0);
}
void crash(int wasteful) {
  if (wasteful) abort();
}
void memory(int wasteful) {
  size_t size = wasteful ? 512u << 20 : 4 << 20;
  touch(map(size), size);
}
/* Most of 16 MiB, or of 64. */
void most(int wasteful) { touch(map(15 << 20), wasteful ? 15 << 20 : 1 << 20); }
void swapped(int wasteful) {
  size_t size = wasteful ? 80u << 20 : 4 << 20;
  char *memory = map(size);
  touch(memory, size);
  touch(memory, size);
}
void owner(int wasteful) {
  close(open("/tmp/owned", O_CREAT | O_WRONLY, 0600));
  check(wasteful || !chown("/tmp/owned", 1000, 1000), "chown");
}
void writes(int wasteful) {
  if (!wasteful) close(open("/root/written", O_CREAT | O_WRONLY, 0600));
}
/* Wants a processor for some tens of milliseconds. */
void busy(int wasteful) { work(wasteful ? 20000000 : 100000); }

int main(int argc, char **argv) {
  static const struct subject subjects[] = {
      {"forks", forks},     {"starts", starts}, {"faults", faults},   {"maps", maps},       {"breaks", breaks},
      {"signals", signals}, {"limit", limit},   {"leak", leak},       {"zombies", zombies}, {"crash", crash},
      {"memory", memory},   {"most", most}, {"swapped", swapped},     {"owner", owner},     {"writes", writes},   {"busy", busy},
      {0},
  };
  return choose(subjects, argc, argv);
}
