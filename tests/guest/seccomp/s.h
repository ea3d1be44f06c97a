// Filters for this folder's programs.
#pragma once
#include "../t.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#ifdef __riscv
#define ARCH 0xc00000f3
#else
#define ARCH AUDIT_ARCH_X86_64
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#define ARG(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define RET(what) BPF_STMT(BPF_RET | BPF_K, what)
#define NR(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)
#define COUNT(a) (sizeof(a) / sizeof *(a))

UNUSED static long seccomp(unsigned op, unsigned flags, void *args) { return syscall(SYS_seccomp, op, flags, args); }
UNUSED static long filter(unsigned flags, struct sock_filter *f, unsigned n) {
  struct sock_fprog p = {n, f};
  return seccomp(SECCOMP_SET_MODE_FILTER, flags, &p);
}
// Answers `action` for one system call, allows all others.
UNUSED static long answer(unsigned flags, int number, uint32_t action) {
  struct sock_filter f[] = {LOAD(0), NR(number), RET(action), RET(SECCOMP_RET_ALLOW)};
  return filter(flags, f, COUNT(f));
}
// A line of /proc/self/status.
UNUSED static void status_line(const char *name) {
  char text[4096];
  int fd = open("/proc/thread-self/status", O_RDONLY);
  int n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(0, "\n"))
    if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':') say("%s\n", line);
}
