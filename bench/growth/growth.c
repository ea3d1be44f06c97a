/* How time grows with the number of things: growth processes|files|mappings|entries MOST FOLDER. For each number from 1
   to MOST it prints "OPERATION NUMBER NANOSECONDS" for all of them together: the median of several rounds. */
#include "../crossings/measure.h"
#include <dirent.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { OPERATIONS = 8, ROUNDS = 25, PAGE = 4096 };
static const char *names[OPERATIONS];
static double taken[OPERATIONS][ROUNDS];
static int count, round_;
static uint64_t begun;

static void begin(void) { begun = now(); }
static void end(const char *name) {
  taken[count][round_] = now() - begun;
  names[count++] = name;
}

static void wait_for(int *word, int unlike) {
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == unlike) syscall(SYS_futex, word, FUTEX_WAIT, unlike, 0, 0, 0);
}
static void set(int *word, int value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
  syscall(SYS_futex, word, FUTEX_WAKE, 1, 0, 0, 0);
}
/* The children wait in a ring: each for its own word in shared memory, and then it sets the next one's. */
static void processes(int n) {
  static int *words;
  static pid_t *children;
  children = realloc(children, n * sizeof *children);
  size_t size = (n + 1) * sizeof *words;
  words = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(words != MAP_FAILED, "mmap");
  begin();
  for (int i = 0; i < n; i++) {
    must((children[i] = fork()) >= 0, "fork");
    if (children[i]) continue;
    for (int turn = 0; turn < 3; turn++) {
      wait_for(&words[i], turn);
      if (turn < 2) set(&words[i + 1], turn + 1);
    }
    _exit(0);
  }
  end("fork");
  /* Once around, so that all of them wait. */
  set(words, 1);
  wait_for(&words[n], 0);
  begin();
  set(words, 2);
  wait_for(&words[n], 1);
  end("one futex wake through all");
  begin();
  for (int i = 0; i < n; i++) must(kill(children[i], 0) == 0, "kill");
  end("kill(2) with signal 0");
  begin();
  char path[40], line[512];
  for (int i = 0; i < n; i++) {
    snprintf(path, sizeof path, "/proc/%d/stat", children[i]);
    int fd = open(path, O_RDONLY);
    must(fd >= 0 && read(fd, line, sizeof line) > 0, path);
    close(fd);
  }
  end("/proc/PID/stat");
  begin();
  for (int i = 0; i < n; i++) set(&words[i], 3);
  for (int i = 0; i < n; i++) must(wait(0) > 0, "wait");
  end("exit and wait");
  munmap(words, size);
}

static void files(int n) {
  static struct pollfd *list;
  list = realloc(list, n * sizeof *list);
  begin();
  for (int i = 0; i < n; i++) {
    list[i] = (struct pollfd){open("/dev/zero", O_RDONLY), POLLPRI, 0};
    must(list[i].fd > 0, "open");
  }
  end("open");
  struct stat s;
  begin();
  for (int i = 0; i < n; i++) must(fstat(list[i].fd, &s) == 0, "fstat");
  end("fstat");
  begin();
  must(poll(list, n, 0) >= 0, "poll");
  end("one poll of all");
  begin();
  for (int i = 0; i < n; i++) must(dup2(list[i].fd, n + 10 + i) > 0, "dup2");
  end("dup2");
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  must(waitpid(child, 0, 0) == child, "waitpid");
  end("one fork and exit with all");
  begin();
  for (int i = 0; i < n; i++) close(list[i].fd);
  end("close");
  for (int i = 0; i < n; i++) close(n + 10 + i);
}

static void mappings(int n) {
  static char **where;
  where = realloc(where, n * sizeof *where);
  begin();
  /* Neighbours differ in their rights, so that they stay mappings of their own. */
  for (int i = 0; i < n; i++) {
    int rights = i % 2 ? PROT_READ | PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC;
    where[i] = mmap(0, PAGE, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(where[i] != MAP_FAILED, "mmap");
  }
  end("mmap");
  begin();
  for (int i = 0; i < n; i++) *where[i] = 1;
  end("first touch");
  begin();
  for (int i = 0; i < n; i++) must(mprotect(where[i], PAGE, PROT_NONE) == 0, "mprotect");
  end("mprotect");
  begin();
  for (int i = 0; i < n; i++) must(mprotect(where[i], PAGE, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE) == 0, "mprotect");
  end("mprotect that parts them");
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  must(waitpid(child, 0, 0) == child, "waitpid");
  end("one fork and exit with all");
  begin();
  for (int i = 0; i < n; i++) must(munmap(where[i], PAGE) == 0, "munmap");
  end("munmap");
}

static const char *folder;
static void entries(int n) {
  char path[200];
  struct stat s;
  snprintf(path, sizeof path, "%s/growth", folder);
  must(mkdir(path, 0700) == 0, path);
  char *last = path + strlen(path);
  begin();
  for (int i = 0; i < n; i++) {
    sprintf(last, "/entry-%d", i);
    int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
    must(fd > 0, path);
    close(fd);
  }
  end("create");
  begin();
  for (int i = 0; i < n; i++) {
    sprintf(last, "/entry-%d", i);
    must(stat(path, &s) == 0, path);
  }
  end("stat");
  begin();
  for (int i = 0; i < n; i++) {
    sprintf(last, "/missing-%d", i);
    must(stat(path, &s) == -1, path);
  }
  end("stat, missing");
  *last = 0;
  begin();
  DIR *directory = opendir(path);
  int seen = 0;
  while (readdir(directory)) seen++;
  closedir(directory);
  must(seen == n + 2, "readdir");
  end("readdir of all");
  char other[200];
  strcpy(other, path);
  begin();
  for (int i = 0; i < n; i++) {
    sprintf(last, "/entry-%d", i);
    sprintf(other + (last - path), "/renamed-%d", i);
    must(rename(path, other) == 0, path);
  }
  end("rename");
  begin();
  for (int i = 0; i < n; i++) {
    sprintf(last, "/renamed-%d", i);
    must(unlink(path) == 0, path);
  }
  end("unlink");
  *last = 0;
  must(rmdir(path) == 0, path);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  void (*run)(int) = argv[1][0] == 'p' ? processes : argv[1][0] == 'f' ? files : argv[1][0] == 'm' ? mappings : entries;
  int most = atoi(argv[2]);
  folder = argv[3];
  struct rlimit limit;
  must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  limit.rlim_cur = 2 * most + 100;
  if (limit.rlim_max < limit.rlim_cur) limit.rlim_max = limit.rlim_cur;
  if (run == files) must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  /* Once to warm up, with some hundreds of each. */
  run(most < 500 ? most : 500);
  for (int n = 1; n <= most;) {
    uint64_t start = now();
    for (round_ = 0; round_ < ROUNDS && (round_ < 3 || now() - start < 150000000); round_++) {
      count = 0;
      run(n);
    }
    for (int i = 0; i < count; i++) {
      qsort(taken[i], round_, sizeof(double), by_value);
      printf("%s\t%d\t%.0f\n", names[i], n, taken[i][round_ / 2]);
    }
    fflush(stdout);
    /* 1, 2, 5, 10, 20 … and the last. */
    int leading = n;
    while (leading >= 10) leading /= 10;
    int next = leading == 2 ? n / 2 * 5 : n * 2;
    n = n < most && next > most ? most : next;
  }
  return 0;
}
