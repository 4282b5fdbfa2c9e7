/* A load generator for Yjs WebSocket servers: one thread, one epoll loop, loopback only, no dependencies. Linux.
 *
 * Latency is the return of the receiver's read() minus the call of the sender's write(), both on this process' clock.
 * The load is open loop: edits leave when they are due, whether or not earlier ones have arrived.
 *
 *   client.c     sockets and WebSocket frames        trace.c      the edits that are sent
 *   protocol.c   y-protocols, matching deliveries    histogram.c  latencies
 *   scenarios.c  what is measured                    meter.c      clock, processor time, memory
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "meter.h"
#include "scenarios.h"
#include "trace.h"

static const char usage[] =
    "loadgen run|ramp|idle|join|flood|open -p PORT[,PORT...] [options]\n"
    "  -m yws|hp    protocol: y-websocket's or hocuspocus'      -x PREFIX   room names are PREFIX0, PREFIX1, ...\n"
    "  -R rooms     -c clients in each     -W 1|2 writers in each        -r edits a second in each\n"
    "  -d seconds   -w seconds to warm up  -A a cursor frame after every edit\n"
    "  -y sleep until an edit is due, do not poll: others need the processors\n"
    "  -P PID,...   the server's processes -N joins, or updates of a flood    -a rooms that are written in\n"
    "  -Q PID,...   processes that it uses, counted apart with their children; up to 4 times\n"
    "  -B each room at one of the ports; without, its people take them in turn\n"
    "  -u PATH      of the only room       -s offer fourhands.v1 and hear what is saved\n"
    "  -i FILE      updates that every room holds before                      -k measurements, one after the other\n"
    "  -o FILE      for the document that somebody gets who joins after a flood\n"
    "  -S START,FACTOR,STEPS               active rooms of the ramp\n"
    "The edits are read from the folder BENCH_DATA.\n";

static void fail(void) {
  fputs(usage, stderr);
  exit(2);
}

static void read_ports(char *words) {
  plan.port_count = 0;
  for (char *word = strtok(words, ","); word && plan.port_count < MOST_PORTS; word = strtok(NULL, ",")) plan.ports[plan.port_count++] = atoi(word);
}

static void read_option(int option, char *value) {
  switch (option) {
    case 'p': read_ports(value); break;
    case 'B': plan.kept_together = true; break;
    case 'Q': meter_watch_beside(value); break;
    case 'm': plan.hocuspocus = !strcmp(value, "hp"); break;
    case 'x': plan.prefix = value; break;
    case 'R': plan.rooms = atoi(value); break;
    case 'c': plan.clients_per_room = atoi(value); break;
    case 'W': plan.writers = atoi(value); break;
    case 'r': plan.rate = atof(value); break;
    case 'd': plan.seconds = atof(value); break;
    case 'w': plan.warm_up_seconds = atof(value); break;
    case 'y': plan.sleeps = true; break;
    case 'A': plan.cursors = true; break;
    case 'a': plan.active_rooms = atoi(value); break;
    case 'k': plan.windows = atoi(value); break;
    case 's': plan.saved = true; break;
    case 'u': plan.path = value; break;
    case 'i': plan.before = value; break;
    case 'o': plan.document = value; break;
    case 'P': meter_watch(value); break;
    case 'N': plan.count = atoi(value); break;
    case 'S':
      if (sscanf(value, "%lf,%lf,%d", &plan.ramp_start, &plan.ramp_factor, &plan.ramp_steps) != 3) fail();
      break;
    default: fail();
  }
}

/* How many updates a room may be sent, with a margin. A step of the ramp may be repeated four times. */
static u32 updates_per_room(const char *scenario) {
  double step_seconds = .5 + 5 * plan.seconds + 4 * 1;
  double seconds = strcmp(scenario, "ramp") ? plan.windows * plan.seconds + plan.warm_up_seconds : plan.ramp_steps * step_seconds;
  return seconds * plan.rate * 1.2 + 100;
}

static void allow_many_sockets(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int main(int count, char **words) {
  static const struct {
    const char *name;
    void (*measure)(void);
  } scenarios[] = {{"run", scenario_run}, {"ramp", scenario_ramp}, {"idle", scenario_idle}, {"join", scenario_join}, {"flood", scenario_flood}, {"open", scenario_open}};
  plan = (struct plan){.rooms = 1, .clients_per_room = 2, .writers = 2, .windows = 1, .prefix = "r", .rate = 5, .seconds = 5, .warm_up_seconds = 1,
                       .count = 1000, .ramp_start = 50, .ramp_factor = 1.5, .ramp_steps = 12};
  if (count < 2) fail();
  const char *scenario = words[1];
  optind = 2;
  for (int option; (option = getopt(count, words, "p:m:x:R:c:W:r:d:w:yAP:N:S:a:k:su:i:o:BQ:")) > 0;) read_option(option, optarg);
  signal(SIGPIPE, SIG_IGN);
  allow_many_sockets();
  trace_load();
  if (!strcmp(scenario, "join")) plan.rooms = 1, plan.clients_per_room = plan.count + 1;
  if (!strcmp(scenario, "flood")) plan.rooms = 1, plan.clients_per_room = 2; /* who writes, and who looks at the end */
  if (!strcmp(scenario, "flood")) plan.reads_clocks = true;
  if (!strcmp(scenario, "open")) plan.rooms = plan.clients_per_room = 1;
  if (!plan.port_count) fail();
  clients_prepare(updates_per_room(scenario));
  for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
    if (strcmp(scenario, scenarios[i].name)) continue;
    scenarios[i].measure();
    return 0;
  }
  fail();
}
