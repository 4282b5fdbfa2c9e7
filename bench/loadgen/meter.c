#define _GNU_SOURCE
#include "meter.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROCESSES 64

static int watched[MOST_PROCESSES], watched_count;

u64 now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

void meter_watch(char *pids) {
  for (char *pid = strtok(pids, ","); pid && watched_count < MOST_PROCESSES; pid = strtok(NULL, ",")) {
    watched[watched_count++] = atoi(pid);
  }
}

static FILE *open_proc(int pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return fopen(path, "r");
}

double server_cpu_s(void) {
  double seconds = 0;
  for (int i = 0; i < watched_count; i++) {
    clockid_t clock; /* of all its threads, to the nanosecond; /proc/PID/stat counts in hundredths of a second */
    struct timespec used;
    if (clock_getcpuclockid(watched[i], &clock) || clock_gettime(clock, &used)) continue; /* it has ended */
    seconds += used.tv_sec + used.tv_nsec / 1e9;
  }
  return seconds;
}

long server_rss_kb(void) {
  long total = 0;
  for (int i = 0; i < watched_count; i++) {
    FILE *file = open_proc(watched[i], "smaps_rollup");
    if (!file) continue;
    char line[256];
    long kb;
    while (fgets(line, sizeof line, file)) {
      if (sscanf(line, "Pss: %ld", &kb) == 1) total += kb;
    }
    fclose(file);
  }
  return total;
}

double own_cpu_s(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6 + used.ru_stime.tv_sec + used.ru_stime.tv_usec / 1e6;
}

double machine_cpu_s(void) {
  FILE *file = fopen("/proc/stat", "r");
  if (!file) return 0;
  double user, nice, kernel, idle, waiting, interrupts, soft_interrupts;
  int read = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &kernel, &idle, &waiting, &interrupts, &soft_interrupts);
  fclose(file);
  return read == 7 ? (user + nice + kernel + interrupts + soft_interrupts) / sysconf(_SC_CLK_TCK) : 0;
}
