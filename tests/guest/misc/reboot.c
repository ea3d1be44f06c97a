// reboot(2): who may, and the words without which nothing happens; the machine goes on.
#include "t.h"
#include <sys/syscall.h>
int main(void) {
  // Never a command that is one: Linux is the judge, and is to stay.
  T(syscall(SYS_reboot, 1, 2, 3, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 2, 0x1234, 0));
  T(syscall(SYS_reboot, 1, 0x28121969, 0x1234, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 0x28121969, 0x1234, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 0x5121996, 0x1234, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 0x16041998, 0x1234, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 0x20112000, 0x1234, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 0x20112000, 0xa1b2c3d4, 1));
  T(setuid(1000));
  T(syscall(SYS_reboot, 1, 2, 3, 0));
  T(syscall(SYS_reboot, 0xfee1dead, 0x28121969, 0x1234, 0));
  return 0;
}
