// #! scripts: the line's one argument, its limits, nesting, what argv[0] becomes.
#include "t.h"
static char self[PATH_MAX];
static void script(const char *path, const char *format, ...) {
  char text[8192];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  int fd = MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755));
  MUST(write(fd, text, n));
  close(fd);
}
static void run(const char *path) {
  say("-- %s\n", path);
  pid_t c = CHILD({
    execl(path, "zero", "a1", "a2", (char *)0);
    say("execl = %s\n", err(errno));
  });
  int status = reap(c);
  if (status) say("%s\n", status_text(status));
}
int main(int argc, char **argv) {
  if (argc > 1) {
    for (int i = 0; i < argc; i++) print_bytes("arg", argv[i], strlen(argv[i]));
    return 0;
  }
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  MUST(symlink(self, "in")); // the interpreter by a short name
  script("s1", "#!./in\nbody\n");
  run("s1");
  run("./s1");
  script("s2", "#! ./in  one two  three \t \nbody\n");
  run("./s2");
  script("s3", "#!./in");
  run("./s3");
  script("s4", "#!./in\tx");
  run("./s4");
  // A script may interpret a script, to a depth of five.
  script("n1", "#!./in deep\n");
  script("n2", "#!./n1 n2arg\n");
  script("n3", "#!./n2\n");
  script("n4", "#!./n3\n");
  script("n5", "#!./n4\n");
  script("n6", "#!./n5\n");
  script("n7", "#!./n6\n");
  run("./n2");
  run("./n3");
  run("./n4");
  run("./n5");
  run("./n6");
  run("./n7");
  script("self", "#!./self\n");
  run("./self");
  // 256 bytes of line are looked at: an interpreter cut there is refused, an argument cut there is cut.
  char x[400];
  memset(x, 'x', sizeof x);
  x[399] = 0;
  script("long1", "#!./in %.230s\n", x);
  run("./long1");
  script("long2", "#!./in %.300s\n", x);
  run("./long2");
  script("long3", "#!./%.300s\n", x);
  run("./long3");
  script("crlf", "#!./in\r\n");
  run("./crlf");
  script("space", " #!./in\n");
  run("./space");
  // No execute permission on the interpreter.
  script("noexec", "text");
  chmod("noexec", 0644);
  script("byno", "#!./noexec\n");
  run("./byno");
  // An interpreter relative to the working directory, not to the script.
  mkdir("d", 0755);
  script("d/s", "#!./in\n");
  run("d/s");
  MUST(chdir("d"));
  run("./s");
  run("../s1");
  return 0;
}
