// uname, sethostname, setdomainname: lengths, rights, what uname then says.
#include "t.h"
#include <sys/utsname.h>
int main(void) {
  struct utsname u;
  T(uname(&u));
  say("%s\n", u.sysname);
  int a, b;
  CHECK(sscanf(u.release, "%d.%d", &a, &b) == 2 && a >= 5);
  CHECK(strlen(u.version) > 0 && strlen(u.machine) > 0);
  T(uname((void *)16));
  char name[70];
  // In a namespace of its own where there is one: the machine's name is not ours to change.
  if (unshare(CLONE_NEWUTS) == 0) {
    T(sethostname("guest-name", 10));
    T(gethostname(name, sizeof name));
    say("%s\n", name);
    uname(&u);
    say("%s\n", u.nodename);
    print_file("/proc/sys/kernel/hostname");
    memset(name, 'n', sizeof name);
    T(sethostname(name, 64));
    T(sethostname(name, 65));
    T(sethostname(name, -1));
    T(sethostname((void *)16, 5));
    T(gethostname(name, 5));
    T(setdomainname("domain", 6));
    uname(&u);
    say("%s\n", u.domainname);
    T(sethostname("", 0));
    APART({
      MUST(setresuid(1000, 1000, 1000));
      T(sethostname("x", 1));
    });
  }
  return 0;
}
