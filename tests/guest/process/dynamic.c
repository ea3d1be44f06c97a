// build: dynamic
// A dynamically linked program: the loader, constructors, environment, shared libraries, lazy binding.
#include "t.h"
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
static __thread int local = 5;
__attribute__((constructor)) static void before(void) { say("constructor\n"); }
__attribute__((destructor)) static void after(void) { say("destructor\n"); }
static void *thread(void *x) {
  local += (int)(long)x;
  return (void *)(long)local;
}
int main(int argc, char **argv) {
  (void)argc, (void)argv;
  say("main\n");
  volatile double two = 2;
  say("sqrt %.6f pow %.3f\n", sqrt(two), pow(two, 10));
  pthread_t t;
  void *result;
  MUST(pthread_create(&t, 0, thread, (void *)3));
  pthread_join(t, &result);
  say("tls %d %ld\n", local, (long)result);
  void *self = dlopen(0, RTLD_NOW);
  CHECK(self != 0);
  CHECK(dlsym(self, "malloc") != 0);
  CHECK(dlopen("./none.so", RTLD_NOW) == 0);
  char *p = strdup("copied"), text[20];
  snprintf(text, sizeof text, "%5.2f|%-5s|%05d", 3.14159, "ab", 42);
  say("%s %s\n", p, text);
  return 3;
}
