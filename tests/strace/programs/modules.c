#include "s.h"
int main(void) {
  BEGIN();
  call(init_module, WILD, 10, "x=1");
  call(init_module, WILD, 4096, WILD);
  call(finit_module, -1, "", 0);
  call(finit_module, 99, "a=b", 7);
  call(finit_module, 99, "", 9);
  call(delete_module, "none", O_NONBLOCK | O_TRUNC);
  call(delete_module, "none", O_NONBLOCK | 4);
  call(delete_module, WILD, 0);
  call(reboot, 0xfee1dead, 0x28121969, 0x1234, 0);
  call(reboot, 1, 0x16041998, 0x1234567, 0);
  call(reboot, 0xfee1dead, 7, 0, 0);
  return 0;
}
