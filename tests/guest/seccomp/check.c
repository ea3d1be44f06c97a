// Which BPF programs a kernel lets in, and what they compute: one of each kind, then random ones.
#include "s.h"
#include "../random.h"
#define TEST 600
static bool taken(struct sock_filter *f, int n) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) _exit(filter(0, f, n) == 0 ? 0 : errno);
  int status = reap(pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != EINVAL) say("odd errno %s\n", err(WEXITSTATUS(status)));
  return status == 0;
}
static const uint16_t good[] = {
    BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_W | BPF_LEN, BPF_LDX | BPF_W | BPF_LEN, BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM, BPF_LD | BPF_MEM,
    BPF_LDX | BPF_MEM, BPF_ST, BPF_STX, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_ALU | BPF_NEG,
    BPF_ALU | BPF_ADD | BPF_K, BPF_ALU | BPF_ADD | BPF_X, BPF_ALU | BPF_SUB | BPF_K, BPF_ALU | BPF_SUB | BPF_X,
    BPF_ALU | BPF_MUL | BPF_K, BPF_ALU | BPF_MUL | BPF_X, BPF_ALU | BPF_DIV | BPF_K, BPF_ALU | BPF_DIV | BPF_X,
    BPF_ALU | BPF_AND | BPF_K, BPF_ALU | BPF_AND | BPF_X, BPF_ALU | BPF_OR | BPF_K, BPF_ALU | BPF_OR | BPF_X,
    BPF_ALU | BPF_XOR | BPF_K, BPF_ALU | BPF_XOR | BPF_X, BPF_ALU | BPF_LSH | BPF_K, BPF_ALU | BPF_LSH | BPF_X,
    BPF_ALU | BPF_RSH | BPF_K, BPF_ALU | BPF_RSH | BPF_X, BPF_JMP | BPF_JA, BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JEQ | BPF_X,
    BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGT | BPF_X, BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JGE | BPF_X,
    BPF_JMP | BPF_JSET | BPF_K, BPF_JMP | BPF_JSET | BPF_X};
static const uint32_t values[] = {0, 1, 2, 3, 31, 32, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0xfff, 0xdeadbeef};
static uint32_t value(void) { return rnd(3) ? values[rnd(COUNT(values))] : (uint32_t)(rnd(1ul << 32)); }

// A body whose every instruction is good by itself; at most one of them is spoilt.
static int body(struct sock_filter *f, int n) {
  uint32_t stored = 0;
  for (int i = 0; i < n; i++) {
    uint16_t code = good[rnd(COUNT(good))];
    uint32_t k = value();
    int left = n - i - 1;
    struct sock_filter one = {code, 0, 0, k};
    switch (code) {
      case BPF_LD | BPF_W | BPF_ABS:
        // The architecture and the address of the call are not the same everywhere.
        one.k = 4 * (4 + rnd(12));
        break;
      case BPF_LD | BPF_MEM:
      case BPF_LDX | BPF_MEM:
        one.k = rnd(16);
        if (!(stored & 1u << one.k) && rnd(8)) one.code = BPF_ALU | BPF_XOR | BPF_X;
        break;
      case BPF_ST:
      case BPF_STX:
        one.k = rnd(16);
        stored |= 1u << one.k;
        break;
      case BPF_ALU | BPF_DIV | BPF_K:
        if (k == 0) one.k = 7;
        break;
      case BPF_ALU | BPF_DIV | BPF_X:
        // Mostly by something.
        if (rnd(4)) one = (struct sock_filter){BPF_LDX | BPF_IMM, 0, 0, k | 1};
        break;
      case BPF_ALU | BPF_LSH | BPF_K:
      case BPF_ALU | BPF_RSH | BPF_K:
        one.k = rnd(32);
        break;
      case BPF_JMP | BPF_JA:
        one.k = rnd(left < 3 ? left + 1 : 3);
        break;
      default:
        if (BPF_CLASS(code) == BPF_JMP) {
          one.jt = rnd(left < 6 ? left + 1 : 6);
          one.jf = rnd(left < 6 ? left + 1 : 6);
        }
    }
    f[i] = one;
  }
  return n;
}
int main(int argc, char **argv) {
  seed(argc, argv);
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  // Every code of 8 bits, with operands that are good for it.
  for (int code = 0; code < 256; code++) {
    struct sock_filter f[] = {BPF_STMT(BPF_ST, 4), {code, 0, 0, 4}, RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW),
                              RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW)};
    if (taken(f, COUNT(f))) say("code %02x\n", code);
  }
  struct { const char *what; int n; struct sock_filter f[4]; } one[] = {
      {"a code beyond 8 bits", 1, {{0x106, 0, 0, 0}}},
      {"ends with a jump", 2, {RET(0), BPF_STMT(BPF_JMP | BPF_JA, 0)}},
      {"ends with a load", 2, {RET(0), BPF_STMT(BPF_LD | BPF_IMM, 0)}},
      {"ends with RET A", 1, {BPF_STMT(BPF_RET | BPF_A, 0)}},
      {"RET X", 1, {BPF_STMT(BPF_RET | BPF_X, 0)}},
      {"jump to the last", 2, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0), RET(0)}},
      {"jump behind the last, true", 2, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET(0)}},
      {"jump behind the last, false", 2, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(0)}},
      {"long jump to the last", 2, {BPF_STMT(BPF_JMP | BPF_JA, 0), RET(0)}},
      {"long jump behind the last", 2, {BPF_STMT(BPF_JMP | BPF_JA, 1), RET(0)}},
      {"long jump back", 2, {BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RET(0)}},
      {"load of the last word", 2, {LOAD(60), RET(0)}},
      {"load behind the last word", 2, {LOAD(64), RET(0)}},
      {"load between words", 2, {LOAD(6), RET(0)}},
      {"load far away", 2, {LOAD(0xfffff000), RET(0)}},
      {"division by 0", 2, {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0)}},
      {"remainder", 2, {BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RET(0)}},
      {"shift by 31", 2, {BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 31), RET(0)}},
      {"shift by 32", 2, {BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 32), RET(0)}},
      {"scratch word 15", 3, {BPF_STMT(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_MEM, 15), RET(0)}},
      {"scratch word 16", 2, {BPF_STMT(BPF_ST, 16), RET(0)}},
      {"scratch word not stored", 2, {BPF_STMT(BPF_LD | BPF_MEM, 0), RET(0)}},
      {"stored on one way only", 4, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RET(0)}},
      {"load that nothing leads to", 4, {BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_LD | BPF_MEM, 0), RET(0), RET(0)}},
      {"load behind a return", 4, {RET(0), BPF_STMT(BPF_LD | BPF_MEM, 0), RET(0), RET(0)}},
  };
  for (unsigned i = 0; i < COUNT(one); i++) say("%s: %s\n", one[i].what, taken(one[i].f, one[i].n) ? "taken" : "refused");

  for (int round = 0; round < 400; round++) {
    struct sock_filter f[64];
    int n = 0;
    f[n++] = (struct sock_filter)LOAD(0);
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TEST, 1, 0);
    f[n++] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
    n += body(f + n, 4 + rnd(40));
    if (rnd(5) == 0) {
      struct sock_filter *bad = &f[3 + rnd(n - 3)];
      switch (rnd(4)) {
        case 0: bad->code = rnd(256); break;
        case 1: bad->k = value(); break;
        case 2: bad->jt = rnd(256); break;
        case 3: bad->jf = rnd(80); break;
      }
    }
    // Twelve bits of what came out, from all of it.
    struct sock_filter end[] = {BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 12), BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
                                BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8), BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x7ff),
                                BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0)};
    memcpy(f + n, end, sizeof end);
    n += COUNT(end);
    unsigned long a[6];
    for (int i = 0; i < 6; i++) a[i] = (unsigned long)value() << 32, a[i] |= value();
    int out[2];
    pipe(out);
    pid_t pid = fork();
    if (pid == 0) {
      if (filter(0, f, n) != 0) _exit(errno);
      long r = syscall(TEST, a[0], a[1], a[2], a[3], a[4], a[5]);
      int result = r < 0 ? errno : (int)r;
      write(out[1], &result, sizeof result);
      _exit(0);
    }
    close(out[1]);
    int result = -1;
    read(out[0], &result, sizeof result);
    close(out[0]);
    int status = reap(pid);
    say("%d: %s, %d\n", round, status_text(status), result);
  }
  return 0;
}
