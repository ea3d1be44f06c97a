// mask: ADDRESS|uptime=\d+|loads=\[[^\]]*\]|[a-z]+ram=\d+|[a-z]+swap=\d+|procs=\d+|high=\d+|nodename="[^"]*"|0x[0-9a-f]{6,}
#include "s.h"
#include <sys/sysinfo.h>
#include <sys/utsname.h>
int main(void) {
  char b[16];
  struct sysinfo s;
  struct utsname u;
  unsigned cpu, node;
  BEGIN();
  call(getrandom, b, 0, 0);
  call(getrandom, WILD, 4, 1);
  call(getrandom, b, 4, 7 | 8);
  call(uname, &u);
  call(uname, WILD);
  call(sysinfo, &s);
  call(getcpu, WILD, &node, NULL);
  call(sethostname, WILD, 5);
  call(setdomainname, "x", 1000);
  call(reboot, 1, 2, 3, NULL);
  call(syslog, 3, WILD, 10);
  call(mount, "src", "/none", "tmpfs", 1 | 2 | 4, "data");
  call(mount, NULL, "/none", NULL, 0x1000, NULL);
  call(mount, NULL, "/none", NULL, 0x44000, WILD);
  call(umount2, "/none", 2);
  call(umount2, "/none", 0);
  call(swapon, "/none", 0);
  call(swapoff, "/none");
  call(acct, "/none/none");
  call(pivot_root, "/none", "/none2");
  call(unshare, 0x04000000 | 1);
  call(unshare, 0x00010000 | 1);
  call(setns, 99, 0x40000000);
  call(quotactl, 0x80000100, "/dev/none", 0, NULL);
  call(kcmp, 99999, 99998, 0, 1, 2);
  call(process_vm_readv, 99999, NULL, 0, NULL, 0, 0);
  call(pidfd_open, 99999, 0);
  call(pidfd_send_signal, 99, SIGTERM, NULL, 0);
  call(pidfd_getfd, 99, 1, 0);
  call(name_to_handle_at, AT_FDCWD, "none", WILD, WILD, 0);
  call(bpf, 99, NULL, 0);
  call(perf_event_open, NULL, 0, 0, -1, 0);
  call(seccomp, 99, 0, NULL);
  call(userfaultfd, 0x800001);
  call(io_uring_setup, 0, NULL);
  syscall(5000, 1, 2, 3, 4, 5, 6);
  return 0;
}
