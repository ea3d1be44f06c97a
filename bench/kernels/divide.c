#include "start.h"
/* 64-bit multiplication, division and remainder: powers modulo a prime. */
static uint64_t power(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t result = 1;
  for (base %= modulus; exponent; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}
long run(void) {
  uint64_t sum = 0;
  for (uint64_t i = 2; i < 30000; i++) sum += power(i, 0x3fffffff - i, 4294967291u) / i;
  return sum & 0xff;
}
