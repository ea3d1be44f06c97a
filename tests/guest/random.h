// For programs that try what nobody thought of: the same sequence on every machine, another for each seed given as argument.
#pragma once
#include "t.h"
static unsigned long random_state = 0x9e3779b97f4a7c15ul;
UNUSED static void seed(int argc, char **argv) {
  if (argc > 1) random_state += strtoul(argv[1], 0, 10) * 0xda942042e4dd58b5ul;
  for (int i = 0; i < 5; i++) random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
}
UNUSED static unsigned long rnd(unsigned long n) {
  random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
  return random_state % n;
}
