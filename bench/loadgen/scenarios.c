#define _GNU_SOURCE
#include "scenarios.h"

#include <stdio.h>
#include <unistd.h>

#include "client.h"
#include "histogram.h"
#include "meter.h"
#include "protocol.h"
#include "trace.h"

#define SECOND 1000000000ull
#define JOINING_AT_ONCE 128
#define JOIN_TIMEOUT (90 * SECOND)
#define EDITS_BETWEEN_POLLS 64
#define LONGEST_WAIT (SECOND / 50)
#define MOST_P99_MS 50      /* a server that is slower than this has passed its capacity */
#define LEAST_DELIVERED .95 /* ... as has one that delivers less than this part */
#define DISTURBED_CPU .12   /* processors that others may use before a failed step is repeated */
#define WAITING_BYTES 262144   /* of a writer who sends as fast as the server takes it */
#define FLOOD_TIMEOUT (120 * SECOND)
#define SETTLED_CPU .05        /* processors that a server uses at most once it has put away what it was sent */
#define SETTLE_TIMEOUT (10 * SECOND)
#define DRAIN (SECOND / 2)

/* What is known at one moment; results are differences of two. */
struct mark {
  u64 at;
  struct counters counters;
  double server_cpu, own_cpu, machine_cpu, beside_cpu[MOST_BESIDE];
};

struct spent {
  double seconds, server_cpu, own_cpu, foreign_cpu; /* processors, on average: 1 is one of them all the time */
  double cpu_per_100k;                               /* the server's processor seconds for 100,000 deliveries */
  double beside_per_100k[MOST_BESIDE];               /* those of what it uses */
  u64 delivered;
};

static struct mark mark(void) {
  struct mark taken = {.counters = counters, .server_cpu = server_cpu_s(), .own_cpu = own_cpu_s(), .machine_cpu = machine_cpu_s()};
  for (int group = 0; group < beside_count(); group++) taken.beside_cpu[group] = beside_cpu_s(group);
  taken.at = now();
  return taken;
}

static struct spent spent_since(const struct mark *start) {
  double seconds = (now() - start->at) / 1e9;
  double server = server_cpu_s() - start->server_cpu, own = own_cpu_s() - start->own_cpu;
  double foreign = machine_cpu_s() - start->machine_cpu - server - own;
  u64 delivered = counters.delivered - start->counters.delivered;
  struct spent spent = {
      .seconds = seconds,
      .server_cpu = server / seconds,
      .own_cpu = own / seconds,
      .cpu_per_100k = delivered ? server / (delivered / 1e5) : 0,
      .delivered = delivered,
  };
  for (int group = 0; group < beside_count(); group++) {
    double used = beside_cpu_s(group) - start->beside_cpu[group];
    foreign -= used;
    spent.beside_per_100k[group] = delivered ? used / (delivered / 1e5) : 0;
  }
  spent.foreign_cpu = foreign / seconds;
  return spent;
}

static void print_beside(const struct spent *spent) {
  for (int group = 0; group < beside_count(); group++) printf("\"beside%d_per_100k\":%.3f,", group, spent->beside_per_100k[group]);
}

static double join_all(void) {
  u64 start = now();
  int next = 0;
  while (counters.joined + counters.gone < (u64)client_count) {
    int joining = counters.opened - (counters.joined + counters.gone);
    for (; next < client_count && joining < JOINING_AT_ONCE; next++) {
      if (clients[next].phase != ABSENT) continue; /* it has brought its room's document */
      client_open(&clients[next]);
      joining++;
    }
    clients_poll(100);
    if (now() - start > JOIN_TIMEOUT) {
      fprintf(stderr, "join timeout %lu/%d\n", counters.joined, client_count);
      break;
    }
  }
  return (now() - start) / 1e9;
}

/* Open loop: edits leave when they are due, rooms in turn, however slowly the server answers. */
static void drive(int active_rooms, double rate, double seconds) {
  u64 start = now(), end = start + (u64)(seconds * 1e9);
  double step = 1e9 / (rate * active_rooms);
  u64 edit = 0;
  for (u64 time = now(); time < end; time = now()) {
    u64 due = start + (u64)(edit * step);
    for (int burst = 0; due <= time && burst < EDITS_BETWEEN_POLLS; burst++) {
      if (time - due > counters.latest_start_ns) counters.latest_start_ns = time - due;
      protocol_send_edit(edit % active_rooms);
      edit++;
      due = start + (u64)(edit * step);
    }
    time = now();
    u64 next = due < end ? due : end;
    u64 wait = next > time ? next - time : 0;
    if (!plan.sleeps) wait -= wait % 1000000;
    clients_poll_ns(wait > LONGEST_WAIT ? LONGEST_WAIT : wait);
  }
}

static void drive_untimed(int active_rooms, double rate, double seconds) {
  counters.timing = false;
  drive(active_rooms, rate, seconds);
  counters.timing = true;
}

static struct mark start_measuring(void) {
  histogram_reset();
  counters.latest_start_ns = 0;
  return mark();
}

static void poll_for(u64 nanoseconds, int wait_ms) {
  for (u64 end = now() + nanoseconds; now() < end;) clients_poll(wait_ms);
}

static void poll_until_quiet(int wait_ms) {
  for (u64 seen = counters.frames + 1; seen != counters.frames;) {
    seen = counters.frames;
    clients_poll(wait_ms);
  }
}

/* Wait until the server has put away what it was sent. */
static void settle(void) {
  u64 start = now();
  do {
    poll_until_quiet(20);
    struct mark before = mark();
    poll_for(SECOND / 5, 20);
    if (spent_since(&before).server_cpu < SETTLED_CPU) return;
  } while (now() - start < SETTLE_TIMEOUT);
}

static void send_all(struct client *writer, const struct trace *updates, u32 count) {
  for (u32 next = 0; next < count && writer->phase == JOINED;) {
    while (next < count && writer->out.length < WAITING_BYTES) {
      struct update *update = &updates->updates[next++];
      protocol_update(writer, update->data, update->length);
    }
    client_flush(writer);
    clients_poll(writer->out.length ? 1 : 0);
  }
}

/* The first client of every room brings what the room holds before anything is measured; the others join it later. */
static void bring_documents(void) {
  struct trace before = trace_of(plan.before);
  for (int i = 0; i < client_count; i += plan.clients_per_room) {
    struct client *first = &clients[i];
    client_open(first);
    while (first->phase != JOINED && first->phase != GONE) clients_poll(50);
    send_all(first, &before, before.count);
    u32 answers = first->answers;
    protocol_step1(first);
    client_flush(first);
    for (u64 start = now(); first->answers == answers && first->phase == JOINED && now() - start < FLOOD_TIMEOUT;) clients_poll(50);
  }
  settle();
}

static void measure_window(int active_rooms, const char *separator) {
  struct mark start = start_measuring();
  drive(active_rooms, plan.rate, plan.seconds);
  struct spent spent = spent_since(&start);
  poll_for(DRAIN, 20); /* what is still under way counts for latency and for `missing` */
  if (!spent.delivered) {
    fprintf(stderr, "nothing was delivered (%lu of %d people joined)\n", counters.joined, client_count);
    exit(1);
  }
  const struct counters *before = &start.counters;
  printf("%s{\"sent\":%lu,\"deliv\":%lu,\"deliv_s\":%.0f,\"frames\":%lu,\"aw\":%lu,\"acks\":%lu,\"bytes\":%lu,", separator, counters.sent - before->sent,
         spent.delivered, spent.delivered / spent.seconds, counters.frames - before->frames, counters.awareness - before->awareness,
         counters.acknowledged - before->acknowledged, counters.bytes - before->bytes);
  printf("\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,", histogram_quantile_ms(.5), histogram_quantile_ms(.9),
         histogram_quantile_ms(.99), histogram_quantile_ms(.999), histogram_max_ms());
  print_beside(&spent);
  printf("\"cpu\":%.3f,\"cpu_per_100k\":%.3f,\"lgcpu\":%.3f,\"lag_ms\":%.2f,\"foreign\":%.3f}", spent.server_cpu, spent.cpu_per_100k, spent.own_cpu,
         counters.latest_start_ns / 1e6, spent.foreign_cpu);
}

void scenario_run(void) {
  int active_rooms = plan.active_rooms ? plan.active_rooms : plan.rooms;
  long rss_before = server_rss_kb();
  if (plan.before) bring_documents();
  double joined_in = join_all();
  drive_untimed(active_rooms, plan.rate, plan.warm_up_seconds);
  printf("{\"windows\":[");
  for (int window = 0; window < plan.windows; window++) measure_window(active_rooms, window ? "," : "");
  printf("],\"rooms\":%d,\"clients\":%d,\"joined\":%lu,\"join_s\":%.2f,\"missing\":%ld,\"dead\":%lu,\"rss0_kb\":%ld,\"rss_mb\":%.1f}\n", plan.rooms,
         plan.clients_per_room, counters.joined, joined_in,
         (long)(counters.sent * (u64)(plan.clients_per_room - 1)) - (long)counters.delivered, counters.gone, rss_before, server_rss_kb() / 1024.);
}

/* One step of the ramp, repeated where it failed while others used the machine. */
static struct spent ramp_step(int active_rooms, double *wanted, u64 *frames) {
  drive_untimed(active_rooms, plan.rate, .5);
  for (int attempt = 0;; attempt++) {
    struct mark start = start_measuring();
    drive(active_rooms, plan.rate, plan.seconds);
    struct spent spent = spent_since(&start);
    *wanted = plan.rate * active_rooms * (plan.clients_per_room - 1) * spent.seconds;
    *frames = counters.frames - start.counters.frames;
    bool passed = histogram_quantile_ms(.99) < MOST_P99_MS && spent.delivered >= LEAST_DELIVERED * *wanted;
    if (passed || spent.foreign_cpu <= DISTURBED_CPU || attempt == 4) return spent;
    drive(active_rooms, plan.rate / 4, 1);
  }
}

void scenario_ramp(void) {
  double joined_in = join_all(), best = 0, best_p99 = 0, active = plan.ramp_start;
  int best_rooms = 0;
  double foreign = 0;
  printf("{\"joined\":%lu,\"join_s\":%.1f,\"steps\":[", counters.joined, joined_in);
  for (int step = 0; step < plan.ramp_steps; step++, active *= plan.ramp_factor) {
    int active_rooms = active > plan.rooms ? plan.rooms : (int)active;
    double wanted;
    u64 frames;
    struct spent spent = ramp_step(active_rooms, &wanted, &frames);
    double p99 = histogram_quantile_ms(.99), rate = spent.delivered / spent.seconds;
    printf("%s{\"rooms\":%d,\"deliv_s\":%.0f,\"frames_s\":%.0f,\"p50\":%.2f,\"p99\":%.2f,\"cpu\":%.2f,\"cpu_per_100k\":%.3f,", step ? "," : "",
           active_rooms, rate, frames / spent.seconds, histogram_quantile_ms(.5), p99, spent.server_cpu, spent.cpu_per_100k);
    print_beside(&spent);
    printf("\"lgcpu\":%.2f,\"lag_ms\":%.1f,\"foreign\":%.2f,\"frac\":%.3f}", spent.own_cpu, counters.latest_start_ns / 1e6, spent.foreign_cpu,
           spent.delivered / wanted);
    fflush(stdout);
    foreign = spent.foreign_cpu; /* of the step that ends the ramp: the others passed in spite of it */
    if (p99 >= MOST_P99_MS || spent.delivered <= LEAST_DELIVERED * wanted) break;
    if (rate > best) {
      best = rate;
      best_p99 = p99;
      best_rooms = active_rooms;
    }
    if (active_rooms == plan.rooms) break;
  }
  printf("],\"max_deliv_s\":%.0f,\"max_rooms\":%d,\"p99_at_max\":%.2f,\"dead\":%lu,\"foreign\":%.3f}\n", best, best_rooms, best_p99,
         counters.gone, foreign);
}

void scenario_idle(void) {
  long rss_before = server_rss_kb();
  struct mark start = mark();
  double joined_in = join_all();
  poll_for(2 * SECOND, 50);
  double cpu_before = server_cpu_s();
  poll_for(2 * SECOND, 50);
  double cpu = server_cpu_s() - cpu_before;
  long rss = server_rss_kb();
  printf("{\"conns\":%lu,\"rooms\":%d,\"join_s\":%.2f,\"rss0_kb\":%ld,\"rss1_kb\":%ld,\"kb_per_conn\":%.2f,\"idle_cpu\":%.3f,\"dead\":%lu,\"foreign\":%.3f}\n",
         counters.joined, plan.rooms, joined_in, rss_before, rss, (rss - rss_before) / (double)counters.joined, cpu / 2, counters.gone,
         spent_since(&start).foreign_cpu);
}

/* The first client brings the document; returns the milliseconds until the server can send it back. */
static double load_big_document(struct client *first) {
  client_open(first);
  while (first->phase != JOINED && first->phase != GONE) clients_poll(50);
  struct bytes document = trace_big_document();
  u64 start = now();
  protocol_update(first, document.data, document.length);
  protocol_step1(first);
  counters.step2_bytes = 0;
  client_flush(first);
  /* A server may drop deleted text, so not all of it comes back. */
  while (counters.step2_bytes < document.length / 4 && first->phase == JOINED && now() - start < 60 * SECOND) clients_poll(50);
  double loaded_in = (now() - start) / 1e6;
  usleep(500000);
  poll_until_quiet(200);
  return loaded_in;
}

/* The milliseconds from connecting to the whole document; counts in `failed` who never got it. */
static double join_and_leave(struct client *client, int *failed) {
  u64 start = now();
  counters.step2_at = start;
  client_open(client);
  while (client->phase != JOINED && client->phase != GONE) clients_poll(1000);
  if (client->phase == GONE) (*failed)++;
  double joined_in = (counters.step2_at - start) / 1e6;
  usleep(30000);
  poll_until_quiet(5);
  client_close(client);
  return joined_in;
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

void scenario_join(void) {
  long rss_before = server_rss_kb();
  struct mark start = mark();
  double loaded_in = load_big_document(&clients[0]);
  long rss_holding = server_rss_kb();
  double cpu_before = server_cpu_s();
  double *times = malloc(plan.count * sizeof *times);
  int failed = 0;
  for (int i = 0; i < plan.count; i++) times[i] = join_and_leave(&clients[i + 1], &failed);
  double cpu = server_cpu_s() - cpu_before;
  qsort(times, plan.count, sizeof *times, compare_doubles);
  printf("{\"load_ms\":%.1f,\"step2_bytes\":%zu,\"rss0_kb\":%ld,\"rss1_kb\":%ld,\"grown_mb\":%.1f,\"join_ms_min\":%.2f,\"join_ms_p50\":%.2f,",
         loaded_in, counters.step2_bytes, rss_before, rss_holding, (rss_holding - rss_before) / 1024., times[0], times[plan.count / 2]);
  printf("\"join_ms_max\":%.2f,\"cpu_ms_per_join\":%.2f,\"n\":%d,\"dead\":%d,\"foreign\":%.3f}\n", times[plan.count - 1], cpu * 1000 / plan.count,
         plan.count, failed, spent_since(&start).foreign_cpu);
}

/* Whether the server has everything: it says so (`saved`), or its answer to a step 1 shows it. Asks again until then. */
static bool has_all(struct client *writer, const u64 clocks[2], u32 *answers) {
  if (plan.saved) return writer->saved >= writer->synced;
  if (writer->answers == *answers) return false;
  *answers = writer->answers;
  if (counters.step2_clocks[0] >= clocks[0] && counters.step2_clocks[1] >= clocks[1]) return true;
  protocol_step1(writer);
  client_flush(writer);
  return false;
}

void scenario_flood(void) {
  struct trace updates = plan.before ? trace_of(plan.before) : trace;
  u32 count = plan.before || plan.count > (int)updates.count ? updates.count : (u32)plan.count;
  u64 clocks[2] = {0};
  for (u32 i = 0; i < count && !plan.before; i++) clocks[i & 1] = updates.updates[i].end_clock;
  struct client *writer = &clients[0], *reader = &clients[1];
  client_open(writer);
  while (writer->phase != JOINED && writer->phase != GONE) clients_poll(50);
  long rss_before = server_rss_kb();
  struct mark start = mark();
  send_all(writer, &updates, count);
  u32 answers = writer->answers;
  if (!plan.saved) {
    protocol_step1(writer);
    client_flush(writer);
  }
  bool all = false;
  while (!(all = has_all(writer, clocks, &answers)) && writer->phase == JOINED && now() - start.at < FLOOD_TIMEOUT) clients_poll(20);
  struct spent spent = spent_since(&start);
  long rss = server_rss_kb();
  client_open(reader); /* what it is sent goes into the file `document` */
  while (reader->phase != JOINED && reader->phase != GONE && now() - start.at < 2 * FLOOD_TIMEOUT) clients_poll(50);
  printf("{\"n\":%u,\"all\":%s,\"synced\":%lu,\"saved\":%lu,\"secs\":%.3f,\"per_s\":%.0f,\"cpu_s\":%.2f,\"step2\":%zu,\"dead\":%lu,\"rss0_kb\":%ld,\"rss1_kb\":%ld,\"foreign\":%.3f}\n",
         count, all ? "true" : "false", writer->synced, writer->saved, spent.seconds, all ? count / spent.seconds : 0, spent.server_cpu * spent.seconds, counters.step2_bytes,
         counters.gone, rss_before, rss, spent.foreign_cpu);
}

void scenario_open(void) {
  struct client *person = &clients[0];
  struct mark start = mark();
  client_open(person);
  while (person->phase != JOINED && person->phase != GONE) clients_poll(1000);
  printf("{\"open_ms\":%.2f,\"step2_bytes\":%zu,\"dead\":%lu}\n", (counters.step2_at - start.at) / 1e6, counters.step2_bytes, counters.gone);
}
