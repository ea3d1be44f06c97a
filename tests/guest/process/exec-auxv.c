// The auxiliary vector, where it is the same on every machine: getauxval(3).
#include "t.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
int main(int argc, char **argv) {
  if (argc > 1) {
    print_bytes("execfn", (char *)getauxval(AT_EXECFN), strlen((char *)getauxval(AT_EXECFN)));
    print_bytes("argv0", argv[0], strlen(argv[0]));
    return 0;
  }
  T(getauxval(AT_PAGESZ));
  T(getauxval(AT_CLKTCK));
  T(getauxval(AT_UID));
  T(getauxval(AT_EUID));
  T(getauxval(AT_GID));
  T(getauxval(AT_EGID));
  T(getauxval(AT_SECURE));
  T(getauxval(AT_FLAGS));
  T(getauxval(AT_PHENT));
  CHECK(getauxval(AT_BASE) == 0);
  CHECK(getauxval(AT_SYSINFO_EHDR) % 4096 == 0);
  ElfW(Phdr) *ph = (ElfW(Phdr) *)getauxval(AT_PHDR);
  int loads = 0, executable = 0;
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
    if (ph[i].p_type == PT_LOAD) {
      loads++;
      unsigned long entry = getauxval(AT_ENTRY);
      if (ph[i].p_flags & PF_X && entry >= ph[i].p_vaddr && entry < ph[i].p_vaddr + ph[i].p_memsz) executable = 1;
    }
  CHECK(loads >= 2);
  CHECK(executable);
  unsigned char *random = (unsigned char *)getauxval(AT_RANDOM);
  int other = 0;
  for (int i = 0; i < 16; i++) other |= random[i];
  CHECK(other != 0);
  CHECK(getauxval(AT_PLATFORM) == 0 || ((char *)getauxval(AT_PLATFORM))[0] != 0);
  errno = 0;
  CHECK(getauxval(77) == 0 && errno == ENOENT);
  char self[PATH_MAX] = {0};
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  MUST(symlink(self, "link"));
  pid_t c = CHILD(execl("./link", "zero", "show", (char *)0));
  REAP(c);
  int fd = MUST(open("link", O_PATH));
  // execveat names the program /dev/fd/N.
  MUST(dup2(fd, 30));
  c = CHILD(syscall(SYS_execveat, 30, "", (char *[]){"zero", "show", 0}, (char *[]){0}, AT_EMPTY_PATH));
  REAP(c);
  // The vector is in /proc too, and ends with AT_NULL.
  unsigned long v[200];
  fd = MUST(open("/proc/self/auxv", O_RDONLY));
  long n = MUST(read(fd, v, sizeof v));
  CHECK(n % 16 == 0);
  int page = 0, last = -1;
  for (long i = 0; i < n / 8; i += 2) {
    if (v[i] == AT_PAGESZ) page = v[i + 1];
    if (v[i] == AT_NULL && last < 0) last = i;
  }
  CHECK(page == 4096 && last > 0);
  return 0;
}
