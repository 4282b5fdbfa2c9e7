/* Stands between a process and the files whose path holds DISK_MATCH (shared-memory indexes left out): fails, fills up,
 * slows down, ends the process at a chosen call, and writes down all that reached the files. disk.py says what and when. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The same order as disk.Plan. */
struct plan {
    int64_t calls, writes, syncs, refused;
    int64_t kill_at_call, kill_half;
    int64_t write_fails, write_errno, write_half, write_skips;
    int64_t sync_fails, sync_errno, sync_skips;
    int64_t room_bytes;
    int64_t write_delay_us, sync_delay_us;
};

struct record {
    uint32_t kind, path_bytes;
    int64_t at, size;
};

enum { WRITE = 1, SYNC, SYNC_FAILED, CUT, REMOVE, RENAME };

static volatile struct plan *plan;
static const char *match;
static int trace = -1;
static int rest_fails; /* the second half of a write whose first half went through */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fdatasync)(int), (*real_fsync)(int), (*real_ftruncate)(int, off_t), (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void begin(void) {
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    match = getenv("DISK_MATCH");
    const char *path = getenv("DISK_PLAN");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0 || !match) return;
    void *shared = mmap(NULL, sizeof(struct plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared == MAP_FAILED) return;
    plan = shared;
    if ((path = getenv("DISK_TRACE"))) trace = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_ours(const char *path) {
    size_t length = strlen(path);
    return strstr(path, match) && !(length > 4 && !strcmp(path + length - 4, "-shm"));
}

static int names_ours(int fd, char path[4096]) {
    if (!plan) return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void note(uint32_t kind, const char *path, int64_t at, int64_t size, const void *data) {
    if (trace < 0) return;
    struct record head = {kind, (uint32_t)strlen(path), at, size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path_bytes}, {(void *)data, data ? (size_t)size : 0}};
    if (writev(trace, parts, 3) < 0) abort();
}

static void wait_us(int64_t us) {
    struct timespec time = {us / 1000000, us % 1000000 * 1000};
    if (us > 0) nanosleep(&time, NULL);
}

static int last_call(void) { return ++plan->calls == plan->kill_at_call; }

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* One of so many failures that are planned, after so many calls that go through. */
static int fails(volatile int64_t *skips, volatile int64_t *count) {
    if (!*count) return 0;
    if (*skips > 0) return --*skips, 0;
    if (*count > 0) --*count;
    plan->refused++;
    return 1;
}

static ssize_t put(int fd, const char *path, const void *data, size_t size, off_t at) {
    ssize_t done = real_pwrite(fd, data, size, at);
    if (done > 0) note(WRITE, path, at, done, data);
    return done;
}

/* How much of a write fits onto the disk. */
static size_t fitting(int fd, size_t size, off_t at) {
    struct stat now;
    if (plan->room_bytes < 0 || fstat(fd, &now)) return size;
    int64_t growth = (int64_t)at + (int64_t)size - now.st_size;
    if (growth <= 0) return size;
    int64_t granted = growth < plan->room_bytes ? growth : plan->room_bytes;
    plan->room_bytes -= granted;
    int64_t fits = (int64_t)size - (growth - granted);
    return fits > 0 ? (size_t)fits : 0;
}

static ssize_t write_at(int fd, const char *path, const void *data, size_t size, off_t at) {
    plan->writes++;
    wait_us(plan->write_delay_us);
    if (last_call()) {
        if (plan->kill_half) put(fd, path, data, size / 2, at);
        end();
    }
    if (rest_fails) {
        rest_fails = 0;
        errno = (int)plan->write_errno;
        return -1;
    }
    if (fails(&plan->write_skips, &plan->write_fails)) {
        if (plan->write_half && size > 1) {
            rest_fails = 1;
            return put(fd, path, data, size / 2, at);
        }
        errno = (int)plan->write_errno;
        return -1;
    }
    size_t fits = fitting(fd, size, at);
    if (fits < size) plan->refused++;
    if (!fits && size) {
        errno = ENOSPC;
        return -1;
    }
    return put(fd, path, data, fits, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
    char path[4096];
    if (!names_ours(fd, path)) return real_pwrite(fd, data, size, at);
    pthread_mutex_lock(&turn);
    ssize_t done = write_at(fd, path, data, size, at);
    int error = errno;
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

static int sync_file(int fd, int (*really)(int)) {
    char path[4096];
    if (!names_ours(fd, path)) return really(fd);
    pthread_mutex_lock(&turn);
    plan->syncs++;
    wait_us(plan->sync_delay_us);
    if (last_call()) end();
    int failed = fails(&plan->sync_skips, &plan->sync_fails);
    int result = failed ? -1 : really(fd), error = failed ? (int)plan->sync_errno : errno;
    note(result ? SYNC_FAILED : SYNC, path, 0, 0, NULL);
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}

int fdatasync(int fd) { return sync_file(fd, real_fdatasync); }

int fsync(int fd) { return sync_file(fd, real_fsync); }

int ftruncate64(int fd, off_t size) {
    char path[4096];
    if (!names_ours(fd, path)) return real_ftruncate(fd, size);
    pthread_mutex_lock(&turn);
    if (last_call()) end();
    int result = real_ftruncate(fd, size), error = errno;
    if (!result) note(CUT, path, size, 0, NULL);
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int unlink(const char *path) {
    if (!plan || !is_ours(path)) return real_unlink(path);
    pthread_mutex_lock(&turn);
    if (last_call()) end();
    int result = real_unlink(path), error = errno;
    if (!result) note(REMOVE, path, 0, 0, NULL);
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}

int rename(const char *from, const char *to) {
    if (!plan || !is_ours(from)) return real_rename(from, to);
    pthread_mutex_lock(&turn);
    if (last_call()) end();
    int result = real_rename(from, to), error = errno;
    if (!result) note(RENAME, from, 0, (int64_t)strlen(to), to);
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}
