// cgroups(7), the cpuset controller on a machine with one processor and one memory node.
#include "../cgroup/cgroup.h"

int main(void) {
  cgroup_begin();
  CHECK(set("cgroup.subtree_control", "+cpuset") == 0);
  MUST(mkdir("a", 0755));
  CHECK(!strcmp(get("a/cpuset.cpus"), "|")), CHECK(!strcmp(get("a/cpuset.cpus.effective"), "0|"));
  CHECK(!strcmp(get("a/cpuset.mems"), "|")), CHECK(!strcmp(get("a/cpuset.mems.effective"), "0|"));
  CHECK(set("a/cpuset.cpus", "0") == 0), CHECK(!strcmp(get("a/cpuset.cpus"), "0|"));
  CHECK(set("a/cpuset.cpus", "0-0") == 0), CHECK(!strcmp(get("a/cpuset.cpus"), "0|"));
  CHECK(set("a/cpuset.cpus", "all") == 0), CHECK(!strcmp(get("a/cpuset.cpus"), "0|"));
  CHECK(set("a/cpuset.cpus", "1") == ERANGE), CHECK(set("a/cpuset.cpus", "0,7") == ERANGE);
  CHECK(set("a/cpuset.cpus", "x") == EINVAL), CHECK(set("a/cpuset.cpus", "1-0") == EINVAL), CHECK(set("a/cpuset.cpus", "0:1/0") == EINVAL);
  CHECK(set("a/cpuset.mems", "0") == 0), CHECK(set("a/cpuset.mems", "1") == EINVAL), CHECK(set("a/cpuset.mems", "4") == ERANGE);
  CHECK(!strcmp(get("a/cpuset.mems"), "0|"));
  CHECK(!strcmp(get("a/cpuset.cpus.partition"), "member|")), CHECK(set("a/cpuset.cpus.partition", "x") == EINVAL);
  CHECK(set("a/cpuset.cpus.partition", "root") == 0), CHECK(strstr(get("a/cpuset.cpus.partition"), "root invalid") != 0);
  CHECK(set("a/cpuset.cpus.partition", "member") == 0), CHECK(set("a/cpuset.cpus", "\n") == 0);
  CHECK(!strcmp(get("a/cpuset.cpus"), "|")), CHECK(!strcmp(get("a/cpuset.cpus.effective"), "0|"));
  pid_t p = sleeper("a/cgroup.procs");
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/cpuset", p);
  CHECK(!strcmp(strrchr(get(path), '/'), "/a|"));
  end(p);
  return 0;
}
