#include "s.h"
#include <linux/capability.h>
int main(void) {
  unsigned r, e, s, g[4] = {1, 2, 3, 4};
  BEGIN();
  call(getresuid, &r, &e, &s);
  call(getresgid, &r, &e, &s);
  call(getresuid, WILD, &e, &s);
  call(setgroups, 4, g);
  call(getgroups, 0, NULL);
  call(getgroups, 4, g);
  call(getgroups, 2, g);
  call(setgroups, -1, g);
  call(setgroups, 0, NULL);
  call(setreuid, -1, 0);
  call(setregid, -1, -1);
  call(setresuid, 0, -1, 0);
  call(setresgid, 7, 8, 9);
  call(setfsuid, 5);
  call(setfsgid, 0);
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2] = {{0}};
  call(capget, &h, NULL);
  h.version = 5;
  call(capget, &h, NULL);
  d[0].effective = d[0].permitted = 0x400;
  h.version = _LINUX_CAPABILITY_VERSION_3;
  call(capset, &h, d);
  call(setuid, 5);
  call(setgid, 5);
  return 0;
}
