// prctl(2): the operations that programs use.
#include "t.h"
#include <pthread.h>
static void *thread(void *x) {
  (void)x;
  char name[17] = {0};
  prctl(PR_GET_NAME, name);
  say("thread inherits %s\n", name);
  T(prctl(PR_SET_NAME, "own"));
  return 0;
}
int main(void) {
  char name[17];
  memset(name, 'z', 17);
  T(prctl(PR_SET_NAME, "a name longer than fifteen"));
  T(prctl(PR_GET_NAME, name));
  print_bytes("name", name, strnlen(name, 17));
  print_file("/proc/self/comm");
  T(prctl(PR_SET_NAME, (char *)8));
  T(prctl(PR_GET_NAME, (char *)8));
  put("/proc/self/comm", "by file");
  prctl(PR_GET_NAME, name);
  say("%s\n", name);
  T(prctl(PR_SET_NAME, ""));
  print_file("/proc/self/comm");
  prctl(PR_SET_NAME, "main");
  pthread_t t;
  pthread_create(&t, 0, thread, 0);
  pthread_join(t, 0);
  prctl(PR_GET_NAME, name);
  say("main is %s\n", name);
  T(prctl(PR_GET_DUMPABLE));
  T(prctl(PR_SET_DUMPABLE, 0));
  T(prctl(PR_GET_DUMPABLE));
  T(prctl(PR_SET_DUMPABLE, 2));
  T(prctl(PR_SET_DUMPABLE, 3));
  T(prctl(PR_SET_DUMPABLE, 1));
  T(prctl(PR_GET_KEEPCAPS));
  T(prctl(PR_SET_KEEPCAPS, 1));
  T(prctl(PR_GET_KEEPCAPS));
  T(prctl(PR_SET_KEEPCAPS, 2));
  T(prctl(PR_SET_KEEPCAPS, 0));
  T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
  T(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1));
  APART({
    T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    APART(T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)));
  });
  T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_GET_TIMERSLACK));
  T(prctl(PR_SET_TIMERSLACK, 70000));
  T(prctl(PR_GET_TIMERSLACK));
  T(prctl(PR_SET_TIMERSLACK, 0));
  T(prctl(PR_GET_TIMERSLACK));
  T(prctl(PR_GET_SECCOMP));
  T(prctl(PR_CAPBSET_READ, 0));
  T(prctl(PR_CAPBSET_READ, 63));
  T(prctl(PR_CAPBSET_READ, 64));
  T(prctl(PR_GET_SECUREBITS));
  T(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
  T(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  T(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  T(prctl(99999, 0, 0, 0, 0));
  T(prctl(-1, 0, 0, 0, 0));
  return 0;
}
