// .data, .bss and .rodata are loaded, zeroed and writable as the program headers say.
#include "start.h"
static int data[4] = {1, 2, 3, 4};
static int bss[5000];
static const char *const names[] = {"zero", "one", "two"};
int start(long *stack) {
  (void)stack;
  long sum = 0;
  for (int i = 0; i < 5000; i++) sum += bss[i];
  bss[4999] = 5;
  data[0] += bss[4999];
  say_number(sum);
  say(" ");
  say_number(data[0] + data[1] + data[2] + data[3]);
  say(" ");
  say(names[2]);
  say("\n");
  return 0;
}
