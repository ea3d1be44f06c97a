// build: -pthread
// cgroups(7), "Cgroups v2 thread mode": types, which groups can have threads and which processes, and moving threads.
#include "cgroup.h"
#include <pthread.h>

static volatile pid_t thread_id;
static void *body(void *unused) {
  (void)unused;
  thread_id = gettid();
  for (;;) pause();
  return 0;
}

#define TYPES() do { say("a %s", get("a/cgroup.type")); say(" a/t %s", get("a/t/cgroup.type")); \
  say(" a/u %s", get("a/u/cgroup.type")); say(" a/t/v %s\n", get("a/t/v/cgroup.type")); } while (0)

int main(void) {
  cgroup_begin();
  MUST(mkdir("a", 0755)), MUST(mkdir("a/t", 0755)), MUST(mkdir("a/u", 0755)), MUST(mkdir("a/t/v", 0755));
  TYPES();
  SET("a/t/cgroup.type", "threaded");
  TYPES();
  SET("a/t/cgroup.type", "threaded");
  SET("a/cgroup.type", "threaded");
  SET("a/u/cgroup.procs", "0");
  SET("a/t/v/cgroup.procs", "0");
  SET("a/t/v/cgroup.type", "threaded"), SET("a/u/cgroup.type", "threaded");
  TYPES();
  GET("a/t/cgroup.procs");

  say("threads\n");
  pid_t p = CHILD({
    set_pid("a/cgroup.procs", getpid());
    pthread_t thread;
    pthread_create(&thread, 0, body, 0);
    while (!thread_id) nap(1);
    say("process in %s\n", place(getpid()));
    set_pid("a/t/cgroup.threads", thread_id);
    say("thread in %s\n", place(thread_id));
    set_pid("a/u/cgroup.threads", getpid());
    say("process in %s\n", place(getpid()));
    CHECK(atoi(get("a/cgroup.procs")) == getpid());
    GET("a/cgroup.threads"), GET("a/u/cgroup.procs");
    CHECK(atoi(get("a/t/cgroup.threads")) == thread_id), CHECK(atoi(get("a/u/cgroup.threads")) == getpid());
    GET("a/cgroup.events"), GET("a/t/cgroup.events");
    // Out of the domain alone it may not go, with all of its process it may.
    char text[16];
    snprintf(text, sizeof text, "%d", thread_id);
    say("thread out: %s\n", err(set("cgroup.threads", text)));
    set_pid("a/t/v/cgroup.procs", getpid());
    say("process in %s, thread in", place(getpid()));
    say(" %s\n", place(thread_id));
    say("thread's id to procs: %s, in", err(set("a/cgroup.procs", text)));
    say(" %s\n", place(getpid()));
    SET("a/t/cgroup.kill", "1");
    set_pid("cgroup.procs", getpid());
    say("process in %s\n", place(getpid()));
    set_pid("a/u/cgroup.procs", getpid());
    _exit(0);
  });
  REAP(p);
  GET("a/cgroup.events");
  T(rmdir("a/t/v")), T(rmdir("a/t"));
  GET("a/cgroup.type");
  T(rmdir("a/u"));
  GET("a/cgroup.type");

  say("not with processes in domains below\n");
  MUST(mkdir("a/x", 0755)), MUST(mkdir("a/y", 0755));
  p = sleeper("a/x/cgroup.procs");
  SET("a/y/cgroup.type", "threaded"), SET("a/x/cgroup.type", "threaded");
  set_pid("a/cgroup.procs", p);
  SET("a/y/cgroup.type", "threaded");
  GET("a/cgroup.type"), GET("a/x/cgroup.type");
  end(p);
  MUST(rmdir("a/x")), MUST(rmdir("a/y")), MUST(rmdir("a")), MUST(chdir("/"));
  T(rmdir(top));
  return 0;
}
