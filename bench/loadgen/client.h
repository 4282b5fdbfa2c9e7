/* The people: one non-blocking WebSocket each, all driven by one epoll loop.
 *
 *   ABSENT -> UPGRADING -> GREETING -> JOINED     (GREETING: waiting for the server's sync step 2)
 *                 `------------`---------`------> GONE
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>

#include "bytes.h"

enum phase { ABSENT, UPGRADING, GREETING, JOINED, GONE };

#define MOST_PORTS 16
#define NAME_BYTES 400 /* a path may carry a token */

struct client {
  int fd;
  enum phase phase;
  int room, index; /* index: its place in the room; the writers are 0 and 1 */
  struct bytes in, out;
  u32 delivered[2]; /* how many of each writer's updates it has received */
  u32 answers;      /* sync step 2s received */
  u64 synced, saved; /* sync messages that it sent and that `saved` counts; how many of them are said to be durable */
  bool waits_to_write, greeted;
};

struct room {
  char name[NAME_BYTES];
  u64 *sent_at; /* of each update of the trace, once it is sent */
  u32 sent, most; /* updates sent; updates that `sent_at` has a place for */
};

/* What is asked of this process; fixed once `main` has read its options. */
struct plan {
  int ports[MOST_PORTS], port_count; /* of one server, or of the instances of one */
  bool kept_together;   /* a room's people are all at one port, the next room's at the next; else the people of each room take ports in turn */
  int rooms, clients_per_room, writers;
  int active_rooms;     /* rooms that are written in; 0: all */
  int windows;          /* measurements of `seconds` each, one after the other */
  bool hocuspocus;      /* speak hocuspocus' framing: every message opens with the document's name */
  bool saved;           /* offer the subprotocol fourhands.v1, and hear which updates are durable */
  bool sleeps;          /* until an edit is due, instead of polling through the last millisecond: others need the processors */
  bool cursors;         /* a cursor (awareness) frame after every edit, as editors send them */
  const char *prefix;   /* rooms are called PREFIX0, PREFIX1, ... */
  const char *path;     /* the whole path of the only room, instead */
  const char *before;   /* a file of updates that every room holds before anything is measured */
  bool reads_clocks;    /* ... of the writers, in every sync step 2 */
  const char *document; /* a file for the document that somebody gets who joins at the end */
  double rate;          /* edits a second and room */
  double seconds, warm_up_seconds;
  int count;            /* joins, or updates of a flood */
  double ramp_start, ramp_factor;
  int ramp_steps;
};

/* Everything that was seen since the start; a measurement takes differences. */
struct counters {
  u64 frames, bytes, awareness, acknowledged, delivered, sent, opened, joined, gone, latest_start_ns;
  bool timing;          /* whether deliveries go into the histogram */
  size_t step2_bytes;   /* size and time of the last sync step 2, and the writers' clocks in it */
  u64 step2_clocks[2];
  u64 step2_at;
};

extern struct plan plan;
extern struct counters counters;
extern struct client *clients;
extern struct room *rooms;
extern int client_count;

void clients_prepare(u32 updates_per_room);             /* the most that a room will be sent */
void client_open(struct client *client);
void client_close(struct client *client);
void client_flush(struct client *client);               /* writes what waits in `out`, as far as the socket takes it */
void client_frame(struct client *client, int opcode, const struct bytes *payload); /* into `out`; nothing is written yet */
void clients_poll(int milliseconds);                    /* waits at most so long, then reads and writes what is ready */
void clients_poll_ns(u64 nanoseconds);

#endif
