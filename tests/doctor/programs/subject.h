/* Programs for the doctor's tests: each subject does one thing in a wasteful way or in a thrifty one.
   PROGRAM SUBJECT wasteful|thrifty */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct subject {
  const char *name;
  void (*run)(int wasteful);
};

static inline void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(2);
}

static inline int choose(const struct subject *subjects, int argc, char **argv) {
  for (const struct subject *each = subjects; argc == 3 && each->name; each++) {
    if (strcmp(each->name, argv[1])) continue;
    each->run(!strcmp(argv[2], "wasteful"));
    return 0;
  }
  fprintf(stderr, "usage: %s SUBJECT wasteful|thrifty\n", argv[0]);
  return 2;
}
