// What a profile has to get right: calls of calls, recursion, tail calls, a way out by longjmp, a signal handler, and code
// that the program makes itself and names in a perf map file.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

static volatile long sink;
static jmp_buf out;

APART long leaf(long n) {
  for (long i = 0; i < n; i++) sink += i;
  return sink;
}

APART long middle(long n) {
  long sum = 0;
  for (int i = 0; i < 10; i++) sum += leaf(n);
  return sum + 1;
}

APART long recurse(long depth) {
  if (depth == 0) return leaf(100);
  long below = recurse(depth - 1);
  sink += below;
  return below;
}

APART long tail_target(long n) {
  for (long i = 0; i < n; i++) sink += 2 * i;
  return sink;
}

// A jump, not a call, at -O2.
APART long tail_caller(long n) { return tail_target(n + 1); }

APART void jumps_out(long depth) {
  if (depth == 0) longjmp(out, 1);
  jumps_out(depth - 1);
  sink++;
}

APART void handler(int signal) {
  leaf(200 + signal);
  sink++;
}

// li a1, 50000; 1: addi a1, a1, -1; bnez a1, 1b, in a frame: addi sp, sp, -16; sd ra, 8(sp) … ld ra; addi sp; ret
static const uint32_t made[] = {
    0xff010113, 0x00113423, 0x0000c5b7, 0x35058593, 0xfff58593, 0xfe059ee3, 0x00813083, 0x01010113, 0x00008067,
};

APART void run_made(void) {
  void *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, made, sizeof made);
  __builtin___clear_cache(code, (char *)code + sizeof made);
  char path[64];
  snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
  FILE *map = fopen(path, "w");
  fprintf(map, "%lx %lx made code\n", (unsigned long)code, (unsigned long)sizeof made);
  fclose(map);
  for (int i = 0; i < 10; i++) ((void (*)(void))code)();
  sink++;
}

int main(void) {
  for (int i = 0; i < 100; i++) middle(50);
  recurse(20);
  tail_caller(5000);
  if (setjmp(out) == 0) jumps_out(5);
  leaf(300);
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  run_made();
  for (int i = 0; i < 50; i++) getppid();
  return 0;
}
