/* System calls that do next to nothing. */
#include "measure.h"
#include <sys/stat.h>

static char byte;
static uint64_t getpid_(long n) { TIMED(syscall(SYS_getpid)); }
static uint64_t clock_(long n) {
  struct timespec t;
  TIMED(clock_gettime(CLOCK_REALTIME, &t));
}
static uint64_t write_null(long n) {
  static int fd;
  if (!fd) must((fd = open("/dev/null", O_WRONLY)) > 0, "/dev/null");
  TIMED(must(write(fd, &byte, 1) == 1, "write"));
}
static uint64_t read_zero(long n) {
  static int fd;
  if (!fd) must((fd = open("/dev/zero", O_RDONLY)) > 0, "/dev/zero");
  TIMED(must(read(fd, &byte, 1) == 1, "read"));
}
static uint64_t open_close(long n) { TIMED(close(open("/etc/passwd", O_RDONLY))); }
static uint64_t stat_(long n) {
  struct stat s;
  TIMED(must(stat("/etc/passwd", &s) == 0, "stat"));
}
static uint64_t fstat_(long n) {
  struct stat s;
  static int fd;
  if (!fd) must((fd = open("/etc/passwd", O_RDONLY)) > 0, "/etc/passwd");
  TIMED(must(fstat(fd, &s) == 0, "fstat"));
}
static uint64_t missing(long n) { TIMED(must(access("/etc/no-such-file", F_OK) == -1, "access")); }

int main(int argc, char **argv) {
  return choose((struct row[]){{"getpid", getpid_}, {"clock_gettime", clock_}, {"write", write_null},
    {"read", read_zero}, {"open-close", open_close}, {"stat", stat_}, {"fstat", fstat_},
    {"missing", missing}, {0}}, argc, argv);
}
