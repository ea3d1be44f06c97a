#include "start.h"
static uint8_t composite[2000000];
long run(void) {
  long count = 0;
  for (int round = 0; round < 6; round++) {
    memset(composite, 0, sizeof composite);
    for (unsigned i = 2; i < sizeof composite; i++)
      if (!composite[i]) {
        count++;
        for (unsigned j = i * 2; j < sizeof composite; j += i) composite[j] = 1;
      }
  }
  return count & 0xff;
}
