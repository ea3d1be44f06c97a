/* Runs the cases of a file under Linux or qemu-user and writes the state in which each trapped. A case is entered by
 * returning from a signal handler whose context holds its registers, so that every register is set and seen. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x10000000ul
#define DATA 0x20000000ul
#define CODE_BYTES 256
#define DATA_BYTES 1024

struct state {
  uint64_t pc, x[32], f[32], fcsr;
  uint8_t data[DATA_BYTES];
};
struct input {
  struct state state;
  uint8_t code[CODE_BYTES];
};
struct output {
  struct state state;
  uint64_t signal, code, address;
};

static int in, out, started;
static struct input next;
static struct output result;

/* In the handler gp and tp are the case's: no C library there, and nothing relative to gp (-mno-relax). */
static long call(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static void on_signal(int number, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  unsigned long *g = u->uc_mcontext.__gregs;
  struct __riscv_mc_d_ext_state *d = &u->uc_mcontext.__fpregs.__d;
  if (started) {
    result.state.pc = g[0];
    for (int i = 1; i < 32; i++) result.state.x[i] = g[i];
    memcpy(result.state.f, d->__f, sizeof result.state.f);
    result.state.fcsr = d->__fcsr;
    memcpy(result.state.data, (void *)(DATA + 4096 - DATA_BYTES / 2), DATA_BYTES);
    result.signal = number;
    result.code = info->si_code;
    result.address = (uint64_t)info->si_addr;
    if (call(64, out, (long)&result, sizeof result) != sizeof result) call(93, 2, 0, 0);
  }
  started = 1;
  if (call(63, in, (long)&next, sizeof next) != sizeof next) call(93, 0, 0, 0);
  memcpy((void *)CODE, next.code, CODE_BYTES);
  memcpy((void *)(DATA + 4096 - DATA_BYTES / 2), next.state.data, DATA_BYTES);
  __asm__ volatile("fence.i" ::: "memory");
  g[0] = next.state.pc;
  for (int i = 1; i < 32; i++) g[i] = next.state.x[i];
  /* No reservation is left from the case before. */
  int dummy;
  __asm__ volatile("sc.w %0, zero, (%1)" : "=&r"(dummy) : "r"(&result) : "memory");
  memcpy(d->__f, next.state.f, sizeof next.state.f);
  d->__fcsr = next.state.fcsr;
}

int main(int argc, char **argv) {
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  if (argc != 3) return 1;
  in = open(argv[1], O_RDONLY);
  out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  int all = PROT_READ | PROT_WRITE | PROT_EXEC;
  mmap((void *)CODE, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  mmap((void *)DATA, 8192, all, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  sigaltstack(&alternate, 0);
  int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS};
  for (int i = 0; i < 4; i++) sigaction(signals[i], &action, 0);
  __asm__ volatile("ebreak");
  return 3;
}
