// execve(2): each error, and which comes first.
#include "t.h"
static char *av[] = {"x", 0}, *ev[] = {0};
static void bytes(const char *path, const void *data, size_t n, mode_t mode) {
  int fd = MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700));
  MUST(write(fd, data, n));
  MUST(fchmod(fd, mode));
  close(fd);
}
#define X(path) T(execve(path, av, ev))
int main(void) {
  X("none");
  X("");
  X("none/x");
  mkdir("d", 0755);
  X("d");
  X("d/");
  X(".");
  X("/");
  bytes("plain", "text\n", 5, 0644);
  X("plain");
  X("plain/");
  X("plain/x");
  bytes("text", "text\n", 5, 0755);
  X("text");
  bytes("empty", "", 0, 0755);
  X("empty");
  bytes("elf", "\177ELF", 4, 0755);
  X("elf");
  unsigned char header[64] = "\177ELF\2\1\1";
  bytes("blank", header, 64, 0755);
  X("blank");
  // A whole header, for a machine that never was.
  header[16] = 2;
  header[18] = 0xee;
  header[19] = 0xee;
  header[20] = 1;
  header[54] = 56;
  bytes("alien", header, 64, 0755);
  X("alien");
  bytes("hash", "#!", 2, 0755);
  X("hash");
  bytes("hash2", "#!\n", 3, 0755);
  X("hash2");
  bytes("hash3", "#!   \t \n", 8, 0755);
  X("hash3");
  bytes("lost", "#!/none/sh\n", 11, 0755);
  X("lost");
  bytes("dir", "#!/\n", 4, 0755);
  X("dir");
  bytes("plainsh", "#!plain\n", 8, 0755);
  X("plainsh");
  symlink("loop", "loop");
  X("loop");
  X("loop/x");
  char name[300];
  memset(name, 'n', 299);
  name[256] = 0;
  X(name);
  char path[5000];
  memset(path, '/', 4999);
  path[4999] = 0;
  X(path);
  X((char *)8);
  mkfifo("fifo", 0777);
  X("fifo");
  X("/dev/null");
  // Open for writing: ETXTBSY; and the other way round.
  char self[PATH_MAX] = {0};
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  int in = MUST(open(self, O_RDONLY)), out = MUST(open("copy", O_RDWR | O_CREAT, 0755));
  char block[65536];
  for (int n; (n = read(in, block, sizeof block)) > 0;) MUST(write(out, block, n));
  X("copy");
  // As nobody: directories without search permission, files without execute permission.
  mkdir("locked", 0700);
  bytes("locked/x", "text\n", 5, 0755);
  bytes("mine", "text\n", 5, 0700);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    X("locked/x");
    X("locked/none");
    X("mine");
    X("text");
  });
  // Root needs one execute bit, no matter whose.
  bytes("other", "text\n", 5, 0001);
  X("other");
  bytes("nobits", "text\n", 5, 0666);
  X("nobits");
  return 0;
}
