// Executes random instructions: fills pages with them and runs them; a fault's handler steps over the instruction and
// goes on. Standard input: a seed, and how many times to fill. Prints how many signals of each kind came.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static uint64_t state;
static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
#define SIZE 65536
static uint8_t *code;
static long counts[65];
static uint64_t where;
static int rounds;

static void refill(void) {
  for (int i = 0; i < SIZE; i += 8) {
    uint64_t word = next();
    // Half of the 32-bit instructions get a major opcode that exists, so that most of them mean something.
    static const uint8_t opcodes[] = {0x03, 0x07, 0x13, 0x17, 0x1b, 0x23, 0x27, 0x2f, 0x33, 0x37, 0x3b, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x63, 0x67, 0x6f, 0x73};
    if (next() & 1) word = (word & ~0x7full) | opcodes[next() % sizeof opcodes];
    if (next() & 1) word = (word & ~(0x7full << 32)) | ((uint64_t)opcodes[next() % sizeof opcodes] << 32);
    memcpy(code + i, &word, 8);
  }
  // No system calls: their fuzzer is another program.
  for (int i = 0; i + 4 <= SIZE; i += 2) {
    uint32_t word;
    memcpy(&word, code + i, 4);
    if (word == 0x73) memset(code + i, 0, 4);
  }
  __builtin___clear_cache((char *)code, (char *)code + SIZE);
}

static void handler(int signal, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  (void)info;
  counts[signal]++;
  // Anywhere outside or behind the end: begin anew, with registers that point somewhere.
  uint64_t pc = uc->uc_mcontext.__gregs[0];
  where = pc;
  if (signal == SIGALRM || pc < (uint64_t)code || pc >= (uint64_t)code + SIZE - 8) {
    if (--rounds < 0) {
      printf("segv %d ill %d bus %d trap %d\n", counts[SIGSEGV] > 0, counts[SIGILL] > 0, counts[SIGBUS] > 0, counts[SIGTRAP] > 0);
      fflush(stdout);
      _exit(0);
    }
    refill();
    pc = (uint64_t)code + (next() % (SIZE / 2) & ~1ull);
  } else {
    pc += (*(uint16_t *)pc & 3) == 3 ? 4 : 2;
  }
  uc->uc_mcontext.__gregs[0] = pc;
  for (int i = 1; i < 32; i++) if ((next() & 3) == 0) uc->uc_mcontext.__gregs[i] = (next() & 1) ? (uint64_t)code + (next() % SIZE) : next() >> (next() & 63);
  struct itimerval t = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &t, 0);
}

int main(void) {
  if (scanf("%lu %d", &state, &rounds) != 2) return 2;
  code = mmap(0, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack_t stack = {.ss_sp = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = 1 << 16};
  sigaltstack(&stack, 0);
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  for (int s = 1; s < 32; s++) if (s == SIGSEGV || s == SIGILL || s == SIGBUS || s == SIGTRAP || s == SIGALRM) sigaction(s, &action, 0);
  sigfillset(&action.sa_mask);
  refill();
  ((void (*)(void))code)();
  return 1;
}
