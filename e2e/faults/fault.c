/* Preloaded into a process, counts its calls that change something below FAULT_BELOW, and dies or fails at the FAULT_AT-th.

   FAULT_BELOW  an absolute folder, without a slash at its end
   FAULT_CALLS  the kinds of calls that count, added up as below
   FAULT_AT     which of them is struck; none where it is absent
   FAULT_HOW    0: SIGKILL instead of the call; -1: SIGKILL after half of what was to be written; else the errno that it fails with
   FAULT_LASTS  1: every later one fails, too
   FAULT_COUNT  a file that gets the number of calls when the process ends */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE = 2, RENAME = 4, REMOVE = 8, MKDIR = 16, LINK = 32, MODE = 64, SYNC = 128, CUT = 256, READ = 512 };

static const char *below;
static size_t length;
static long calls, at, how;
static int lasts;
static atomic_long seen;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAULT_BELOW");
  if (text == NULL) return;
  below = text;
  length = strlen(text);
  calls = atol(getenv("FAULT_CALLS") ? getenv("FAULT_CALLS") : "0");
  at = atol(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0");
  how = atol(getenv("FAULT_HOW") ? getenv("FAULT_HOW") : "0");
  lasts = getenv("FAULT_LASTS") != NULL;
}

__attribute__((destructor)) static void end(void) {
  const char *file = getenv("FAULT_COUNT");
  if (below == NULL || file == NULL) return;
  long number = atomic_load(&seen);
  below = NULL;
  FILE *out = fopen(file, "w");
  if (out == NULL) return;
  fprintf(out, "%ld\n", number);
  fclose(out);
}

static int is_below(const char *path) {
  char whole[PATH_MAX * 2];
  if (path == NULL) return 0;
  if (path[0] != '/') {
    if (getcwd(whole, PATH_MAX) == NULL) return 0;
    size_t used = strlen(whole);
    snprintf(whole + used, sizeof whole - used, "/%s", path);
    path = whole;
  }
  return strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int fd_is_below(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t got = readlink(link, path, sizeof path - 1);
  if (got < 0) return 0;
  path[got] = '\0';
  return path[0] == '/' && is_below(path);
}

/* What becomes of a call that counts: 0 it goes on, 1 it fails with errno set, 2 half of it is written before the end. */
static int strike(void) {
  long number = atomic_fetch_add(&seen, 1) + 1;
  if (at == 0 || (lasts ? number < at : number != at)) return 0;
  if (how == 0) kill(getpid(), SIGKILL);
  if (how < 0) return 2;
  errno = (int)how;
  return 1;
}

#define COUNTS(kind, inside) (below != NULL && (calls & (kind)) != 0 && (inside))
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define GUARD(kind, inside) \
  if (COUNTS(kind, inside) && strike()) return -1

static int changes(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0; }

#define OPENER(name)                                               \
  int name(const char *path, int flags, ...) {                     \
    va_list more;                                                  \
    va_start(more, flags);                                         \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                  \
    REAL(name);                                                    \
    GUARD(changes(flags) ? OPEN : READ, is_below(path));           \
    return real(path, flags, mode);                                \
  }
#define OPENER_AT(name)                                            \
  int name(int dir, const char *path, int flags, ...) {            \
    va_list more;                                                  \
    va_start(more, flags);                                         \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                  \
    REAL(name);                                                    \
    GUARD(changes(flags) ? OPEN : READ, is_below(path));           \
    return real(dir, path, flags, mode);                           \
  }
OPENER(open)
OPENER(open64)
OPENER_AT(openat)
OPENER_AT(openat64)

int mkstemp(char *pattern) {
  REAL(mkstemp);
  GUARD(OPEN, is_below(pattern));
  return real(pattern);
}

/* Half of one write that is cut off; pieces are written one after another until the middle is reached. */
static void half(int fd, const struct iovec *pieces, int count, off_t offset) {
  size_t whole = 0, done = 0;
  ssize_t (*put)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  ssize_t (*put_at)(int, const void *, size_t, off_t) =
      (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  for (int i = 0; i < count; i++) whole += pieces[i].iov_len;
  for (int i = 0; i < count && done < whole / 2; i++) {
    size_t size = pieces[i].iov_len < whole / 2 - done ? pieces[i].iov_len : whole / 2 - done;
    ssize_t wrote = offset < 0 ? put(fd, pieces[i].iov_base, size) : put_at(fd, pieces[i].iov_base, size, offset + (off_t)done);
    if (wrote < 0) break;
    done += (size_t)wrote;
  }
  kill(getpid(), SIGKILL);
}

#define WRITES(fd, pieces, count, offset)       \
  if (COUNTS(WRITE, fd_is_below(fd))) {         \
    int what = strike();                        \
    if (what == 1) return -1;                   \
    if (what == 2) half(fd, pieces, count, offset); \
  }

ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(write);
  struct iovec piece = {(void *)bytes, size};
  WRITES(fd, &piece, 1, -1);
  return real(fd, bytes, size);
}

#define PWRITER(name, type)                                              \
  ssize_t name(int fd, const void *bytes, size_t size, type offset) {    \
    REAL(name);                                                          \
    struct iovec piece = {(void *)bytes, size};                          \
    WRITES(fd, &piece, 1, (off_t)offset);                                \
    return real(fd, bytes, size, offset);                                \
  }
PWRITER(pwrite, off_t)
PWRITER(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *pieces, int count) {
  REAL(writev);
  WRITES(fd, pieces, count, -1);
  return real(fd, pieces, count);
}

#define PWRITEVER(name, type)                                            \
  ssize_t name(int fd, const struct iovec *pieces, int count, type offset) { \
    REAL(name);                                                          \
    WRITES(fd, pieces, count, (off_t)offset);                            \
    return real(fd, pieces, count, offset);                              \
  }
PWRITEVER(pwritev, off_t)
PWRITEVER(pwritev64, off64_t)

int rename(const char *from, const char *to) {
  REAL(rename);
  GUARD(RENAME, is_below(from) || is_below(to));
  return real(from, to);
}

int unlink(const char *path) {
  REAL(unlink);
  GUARD(REMOVE, is_below(path));
  return real(path);
}

int rmdir(const char *path) {
  REAL(rmdir);
  GUARD(REMOVE, is_below(path));
  return real(path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  GUARD(MKDIR, is_below(path));
  return real(path, mode);
}

char *mkdtemp(char *pattern) {
  REAL(mkdtemp);
  if (COUNTS(MKDIR, is_below(pattern)) && strike()) return NULL;
  return real(pattern);
}

int symlink(const char *target, const char *path) {
  REAL(symlink);
  GUARD(LINK, is_below(path));
  return real(target, path);
}

int link(const char *from, const char *to) {
  REAL(link);
  GUARD(LINK, is_below(to));
  return real(from, to);
}

int chmod(const char *path, mode_t mode) {
  REAL(chmod);
  GUARD(MODE, is_below(path));
  return real(path, mode);
}

int fchmod(int fd, mode_t mode) {
  REAL(fchmod);
  GUARD(MODE, fd_is_below(fd));
  return real(fd, mode);
}

int utimensat(int dir, const char *path, const struct timespec times[2], int flags) {
  REAL(utimensat);
  GUARD(MODE, is_below(path));
  return real(dir, path, times, flags);
}

int futimens(int fd, const struct timespec times[2]) {
  REAL(futimens);
  GUARD(MODE, fd_is_below(fd));
  return real(fd, times);
}

int fsync(int fd) {
  REAL(fsync);
  GUARD(SYNC, fd_is_below(fd));
  return real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  GUARD(SYNC, fd_is_below(fd));
  return real(fd);
}

#define CUTTER(name, type)            \
  int name(int fd, type size) {       \
    REAL(name);                       \
    GUARD(CUT, fd_is_below(fd));      \
    return real(fd, size);            \
  }
CUTTER(ftruncate, off_t)
CUTTER(ftruncate64, off64_t)

ssize_t copy_file_range(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t size, unsigned flags) {
  REAL(copy_file_range);
  GUARD(WRITE, fd_is_below(out));
  return real(in, in_offset, out, out_offset, size, flags);
}
