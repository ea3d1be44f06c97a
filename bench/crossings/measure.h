/* A program that measures itself: each row is a function that does an operation n times and returns the nanoseconds.
   main(argc, argv) with the row's name prints "ns X" on standard error, and "done" on standard output. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t work(long n);
struct row { const char *name; work *run; };

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

__attribute__((unused)) static void must(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* The loop of a row, timed. */
#define TIMED(statement)                                   \
  do {                                                     \
    uint64_t start_ = now();                               \
    for (long i_ = 0; i_ < n; i_++) statement;             \
    return now() - start_;                                 \
  } while (0)

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

#ifndef WARM_UP
#define WARM_UP 200000000
#endif

/* Batches of about 10 ms: 200 ms to warm up, then the median of eleven. */
static void report(work *run) {
  long n = 1;
  uint64_t took, begin = now();
  while ((took = run(n)) < 4000000 && n < 1l << 30) n = took < 400000 ? n * 8 : n * 2;
  n = n * 10000000.0 / took + 1;
  while (now() - begin < WARM_UP) took = run(n);
  n = n * 10000000.0 / took + 1;
  double each[11];
  for (int i = 0; i < 11; i++) each[i] = (double)run(n) / n;
  qsort(each, 11, sizeof *each, by_value);
  fprintf(stderr, "ns %.2f\n", each[5]);
  puts("done");
}

__attribute__((unused)) static int choose(const struct row *rows, int argc, char **argv) {
  for (; rows->name; rows++)
    if (argc > 1 && !strcmp(rows->name, argv[1])) return report(rows->run), 0;
  fprintf(stderr, "no such row\n");
  return 2;
}
