// Core files: when there is one, who may read it, and which memory is in it.
#include "t.h"
#include <elf.h>

static char *anon, *shared, *mapped, *touched, *file_shared, *hidden, *none, *heads;
static int filter = -1;

static void die(int signal, long limit) {
  struct rlimit r = {limit, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_CORE, &r));
  if (filter >= 0) {
    char text[16];
    snprintf(text, sizeof text, "%#x", filter);
    put("/proc/self/coredump_filter", text);
  }
  raise(signal);
}

static void outcome(const char *what, int status) {
  struct stat s;
  say("%s: %s%s", what, status_text(status), WIFSIGNALED(status) && WCOREDUMP(status) ? " (core dumped)" : "");
  if (lstat("core", &s) == -1) say(", %s\n", err(errno));
  else say(", mode %o uid %d nlink %d\n", s.st_mode, s.st_uid, (int)s.st_nlink);
}

static void part(int fd, const char *what, void *address, Elf64_Phdr *p, int n) {
  for (int i = 0; i < n; i++) {
    if (p[i].p_type != PT_LOAD || (unsigned long)address < p[i].p_vaddr || (unsigned long)address >= p[i].p_vaddr + p[i].p_memsz) continue;
    unsigned long at = (unsigned long)address - p[i].p_vaddr;
    say("%s: flags %d %s", what, p[i].p_flags, p[i].p_filesz == 0 ? "left out" : p[i].p_filesz == p[i].p_memsz ? "whole" : p[i].p_filesz == 4096 ? "one page" : "part");
    char bytes[5] = "";
    if (at + 4 <= p[i].p_filesz && pread(fd, bytes, 4, p[i].p_offset + at) == 4) print_bytes("", bytes, strnlen(bytes, 4));
    else say("\n");
    return;
  }
  say("%s: not there\n", what);
}

static void look(int status) {
  outcome("filter", status);
  int fd = open("core", O_RDONLY);
  if (fd == -1) return;
  Elf64_Ehdr e;
  MUST(pread(fd, &e, sizeof e, 0));
  say("type %d phentsize %d\n", e.e_type, e.e_phentsize);
  Elf64_Phdr p[512];
  int n = e.e_phnum < 512 ? e.e_phnum : 512;
  MUST(pread(fd, p, n * sizeof *p, e.e_phoff));
  CHECK(p[0].p_type == PT_NOTE);
  char notes[65536];
  long size = pread(fd, notes, sizeof notes, p[0].p_offset);
  if (size > (long)p[0].p_filesz) size = p[0].p_filesz;
  say("notes:");
  for (long at = 0; at + 12 < size;) {
    Elf64_Nhdr *h = (void *)(notes + at);
    if (h->n_type == 1 || h->n_type == 3 || h->n_type == 6 || h->n_type == 0x53494749 || h->n_type == 0x46494c45 || h->n_type == 2) say(" %x", h->n_type);
    at += 12 + ((h->n_namesz + 3) & ~3) + ((h->n_descsz + 3) & ~3);
  }
  say("\n");
  part(fd, "anonymous", anon, p, n);
  part(fd, "shared anonymous", shared, p, n);
  part(fd, "file", mapped, p, n);
  part(fd, "file, written", touched, p, n);
  part(fd, "shared file", file_shared, p, n);
  part(fd, "not to be dumped", hidden, p, n);
  part(fd, "no access", none, p, n);
  part(fd, "executable file", heads, p, n);
  struct stat s;
  fstat(fd, &s);
  CHECK(s.st_size == (long)(p[n - 1].p_offset + p[n - 1].p_filesz));
  close(fd);
  unlink("core");
}

int main(void) {
  put("file", "content of the file");
  int fd = MUST(open("file", O_RDWR));
  MUST(ftruncate(fd, 8192));
  int self = MUST(open("/proc/self/exe", O_RDONLY));
  anon = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(anon, "anon");
  none = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(none, "none");
  mprotect(none, 8192, PROT_NONE);
  shared = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(shared, "shared");
  mapped = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  touched = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  touched[0] = 'C';
  file_shared = mmap(0, 8192, PROT_READ, MAP_SHARED, fd, 0);
  hidden = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(hidden, "hidden");
  T(madvise(hidden, 8192, MADV_DONTDUMP));
  heads = mmap(0, 8192, PROT_READ, MAP_PRIVATE, self, 0);

  outcome("no limit left", reap(CHILD({ die(SIGABRT, 0); })));
  outcome("too small", reap(CHILD({ die(SIGABRT, 4095); })));
  outcome("small", reap(CHILD({ die(SIGABRT, 65536); })));
  struct stat s;
  stat("core", &s);
  CHECK(s.st_blocks * 512 <= 65536 + 4096);
  T(unlink("core"));
  static const int signals[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS, SIGTERM, SIGKILL, SIGUSR1};
  for (int i = 0; i < 13; i++) {
    outcome(sig(signals[i]), reap(CHILD({ die(signals[i], RLIM_INFINITY); })));
    unlink("core");
  }
  outcome("not dumpable", reap(CHILD({ prctl(PR_SET_DUMPABLE, 0); die(SIGABRT, RLIM_INFINITY); })));
  T(symlink("elsewhere", "core"));
  outcome("over a symlink", reap(CHILD({ die(SIGABRT, RLIM_INFINITY); })));
  OK(unlink("core"));
  put("core", "old");
  T(link("core", "other"));
  outcome("over a file", reap(CHILD({ die(SIGABRT, RLIM_INFINITY); })));
  print_file("other");
  OK(unlink("core"));
  T(mkdir("core", 0755));
  outcome("over a directory", reap(CHILD({ die(SIGABRT, RLIM_INFINITY); })));
  T(rmdir("core"));
  outcome("where one may not write", reap(CHILD({ setgid(1000); setuid(1000); prctl(PR_SET_DUMPABLE, 1); die(SIGABRT, RLIM_INFINITY); })));
  static const int filters[] = {-1, 0, 0x7f, 1, 2, 4, 8, 0x10, 0x11};
  for (int i = 0; i < 9; i++) {
    filter = filters[i];
    say("-- filter %d\n", filter);
    look(reap(CHILD({ die(SIGSEGV, RLIM_INFINITY); })));
  }
  return 0;
}
