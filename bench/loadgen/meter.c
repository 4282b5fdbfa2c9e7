#define _GNU_SOURCE
#include "meter.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROCESSES 64

struct group {
  int pids[MOST_PROCESSES], count;
};

static struct group server, beside[MOST_BESIDE];
static int groups_beside;

u64 now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void watch(struct group *group, char *pids) {
  for (char *pid = strtok(pids, ","); pid && group->count < MOST_PROCESSES; pid = strtok(NULL, ",")) group->pids[group->count++] = atoi(pid);
}

void meter_watch(char *pids) {
  watch(&server, pids);
}

void meter_watch_beside(char *pids) {
  if (groups_beside < MOST_BESIDE) watch(&beside[groups_beside++], pids);
}

int beside_count(void) {
  return groups_beside;
}

static FILE *open_proc(int pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return fopen(path, "r");
}

/* Of all its threads, to the nanosecond; /proc/PID/stat counts in hundredths of a second. */
static double process_cpu_s(int pid) {
  clockid_t clock;
  struct timespec used;
  if (pid <= 0 || clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used)) return 0; /* it has ended */
  return used.tv_sec + used.tv_nsec / 1e9;
}

double server_cpu_s(void) {
  double seconds = 0;
  for (int i = 0; i < server.count; i++) seconds += process_cpu_s(server.pids[i]);
  return seconds;
}

static double children_cpu_s(int pid) {
  char name[32];
  snprintf(name, sizeof name, "task/%d/children", pid);
  FILE *file = open_proc(pid, name);
  if (!file) return 0;
  double seconds = 0;
  for (int child; fscanf(file, "%d", &child) == 1;) seconds += process_cpu_s(child);
  fclose(file);
  return seconds;
}

double beside_cpu_s(int group) {
  double seconds = 0;
  for (int i = 0; i < beside[group].count; i++) seconds += process_cpu_s(beside[group].pids[i]) + children_cpu_s(beside[group].pids[i]);
  return seconds;
}

long server_rss_kb(void) {
  long total = 0;
  for (int i = 0; i < server.count; i++) {
    FILE *file = open_proc(server.pids[i], "smaps_rollup");
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
