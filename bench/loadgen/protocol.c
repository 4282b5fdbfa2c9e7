#define _GNU_SOURCE
#include "protocol.h"

#include <stdio.h>

#include "histogram.h"
#include "meter.h"
#include "trace.h"

enum opcode { BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum message { SYNC = 0, AWARENESS = 1, AUTH = 2, SYNC_REPLY = 4, SYNC_STATUS = 8, EVENT = 16 }; /* 4 and 8: hocuspocus alone; 16: fourhands.v1 */
enum sync_kind { STEP1 = 0, STEP2 = 1, UPDATE = 2 };
enum content { GARBAGE = 0, DELETED = 1, STRING = 4, SKIP = 10 };

#define FIRST_WRITER 1001 /* the Yjs client ids of the trace's writers are 1001 and 1002 */

static struct bytes scratch; /* the message that is being put together */

/* ---- sending ---- */

static void begin(struct client *client) {
  scratch.length = 0;
  if (!plan.hocuspocus) return;
  const char *name = rooms[client->room].name;
  put_varint(&scratch, strlen(name));
  put(&scratch, name, strlen(name));
}

void protocol_step1(struct client *client) {
  static const u8 empty_state[] = {SYNC, STEP1, 1, 0};
  begin(client);
  put(&scratch, empty_state, sizeof empty_state);
  client_frame(client, BINARY, &scratch);
}

static void answer_step1(struct client *client) {
  static const u8 nothing_new[] = {SYNC, STEP2, 2, 0, 0};
  begin(client);
  put(&scratch, nothing_new, sizeof nothing_new);
  client->synced++;
  client_frame(client, BINARY, &scratch);
  client_flush(client);
}

void protocol_greet(struct client *client) {
  if (plan.hocuspocus) { /* a token first; step 1 follows its acceptance */
    static const u8 token[] = {AUTH, 0, 1, 't'};
    begin(client);
    put(&scratch, token, sizeof token);
    client_frame(client, BINARY, &scratch);
  } else {
    protocol_step1(client);
  }
  client_flush(client);
}

void protocol_update(struct client *client, const u8 *update, size_t length) {
  begin(client);
  put_byte(&scratch, SYNC);
  put_byte(&scratch, UPDATE);
  put_varint(&scratch, length);
  put(&scratch, update, length);
  client->synced++;
  client_frame(client, BINARY, &scratch);
}

static void put_cursor(struct client *client, int writer, u32 clock, u32 end_clock) {
  char state[200];
  int length = snprintf(state, sizeof state,
                        "{\"user\":{\"name\":\"user %d\",\"color\":\"#30bced\"},\"cursor\":{\"anchor\":{\"type\":null,"
                        "\"tname\":\"codemirror\",\"item\":{\"client\":%d,\"clock\":%u},\"assoc\":0}}}",
                        writer, FIRST_WRITER + writer, end_clock);
  static struct bytes states;
  states.length = 0;
  put_varint(&states, 1);
  put_varint(&states, FIRST_WRITER + writer);
  put_varint(&states, clock);
  put_varint(&states, length);
  put(&states, state, length);
  begin(client);
  put_byte(&scratch, AWARENESS);
  put_varint(&scratch, states.length);
  put(&scratch, states.data, states.length);
  client_frame(client, BINARY, &scratch);
}

void protocol_send_edit(int room_index) {
  struct room *room = &rooms[room_index];
  u32 turn = room->sent;
  if (turn >= trace.count || turn >= room->most) return; /* the trace is at its end */
  int writer = turn & 1;
  struct client *client = &clients[room_index * plan.clients_per_room + (plan.writers == 2 ? writer : 0)];
  if (client->phase != JOINED) return;
  struct update *update = &trace.updates[turn];
  protocol_update(client, update->data, update->length);
  if (plan.cursors) put_cursor(client, writer, turn + 1, update->end_clock);
  room->sent++;
  counters.sent++;
  room->sent_at[turn] = now(); /* what latency counts from: the call of write() */
  client_flush(client);
}

/* ---- receiving ---- */

/* The client has everything of this writer up to a clock. */
static void deliver(struct client *client, int writer, u64 clock, u64 received_at) {
  struct room *room = &rooms[client->room];
  for (;;) {
    u32 nth = client->delivered[writer], turn = 2 * nth + writer;
    if (turn >= room->sent || trace.end_clocks[writer][nth] > clock) return;
    client->delivered[writer]++;
    counters.delivered++;
    if (counters.timing && room->sent_at[turn]) histogram_add(received_at - room->sent_at[turn]);
  }
}

static u32 utf16_length(const u8 *text, size_t length) {
  u32 units = 0;
  for (size_t i = 0; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80) units++;
    if (text[i] >= 0xf0) units++;
  }
  return units;
}

static void skip_varints(const u8 *data, size_t length, size_t *at, int count) {
  while (count-- > 0) read_varint(data, length, at);
}

static void skip_text(const u8 *data, size_t length, size_t *at) {
  u64 bytes = read_varint(data, length, at);
  *at += bytes;
}

/* How many clock units a struct of an update takes (Yjs' format v1); 0: content that a trace of text does not hold. */
static u64 read_struct(const u8 *data, size_t length, size_t *at) {
  u8 info = data[(*at)++];
  int content = info & 31;
  if (content == GARBAGE || content == SKIP) return read_varint(data, length, at);
  if (info & 0x80) skip_varints(data, length, at, 2); /* left origin: client, clock */
  if (info & 0x40) skip_varints(data, length, at, 2); /* right origin */
  if (!(info & 0xc0)) {                               /* no origin, so the parent is named */
    if (read_varint(data, length, at)) {
      skip_text(data, length, at);
    } else {
      skip_varints(data, length, at, 2);
    }
    if (info & 0x20) skip_text(data, length, at);
  }
  if (content == DELETED) return read_varint(data, length, at);
  if (content != STRING) return 0;
  u64 bytes = read_varint(data, length, at);
  if (bytes > length - *at) return 0; /* cut short; nothing is read past the message */
  u32 units = utf16_length(data + *at, bytes);
  *at += bytes;
  return units;
}

/* The clocks that an update brings its reader to, of either writer; 0: nothing of theirs. */
static void read_clocks(const u8 *data, size_t length, u64 clocks[2]) {
  size_t at = 0;
  clocks[0] = clocks[1] = 0;
  u64 writers = read_varint(data, length, &at);
  for (u64 i = 0; i < writers && at < length; i++) {
    u64 structs = read_varint(data, length, &at);
    u64 id = read_varint(data, length, &at);
    u64 clock = read_varint(data, length, &at);
    for (u64 j = 0; j < structs && at < length; j++) {
      u64 units = read_struct(data, length, &at);
      if (!units) break;
      clock += units;
    }
    if (id == FIRST_WRITER || id == FIRST_WRITER + 1) clocks[id - FIRST_WRITER] = clock;
  }
}

static void receive_update(struct client *client, const u8 *data, size_t length, u64 received_at) {
  u64 clocks[2];
  read_clocks(data, length, clocks);
  for (int writer = 0; writer < 2; writer++) {
    bool own = client->index == (plan.writers == 2 ? writer : 0); /* an echo is no delivery */
    if (clocks[writer] && !own) deliver(client, writer, clocks[writer], received_at);
  }
}

static void keep_document(const u8 *data, size_t length) {
  FILE *file = fopen(plan.document, "wb");
  if (!file || fwrite(data, 1, length, file) != length || fclose(file)) {
    perror(plan.document);
    exit(1);
  }
}

static void receive_sync(struct client *client, const u8 *data, size_t length, size_t at, u64 received_at) {
  u64 kind = read_varint(data, length, &at);
  u64 payload = read_varint(data, length, &at);
  if (kind == STEP1) {
    answer_step1(client);
  } else if (kind == STEP2) {
    counters.step2_bytes = payload;
    counters.step2_at = received_at;
    client->answers++;
    if (plan.reads_clocks) read_clocks(data + at, length - at, counters.step2_clocks);
    if (plan.document) keep_document(data + at, length - at);
    if (client->phase == GREETING) {
      client->phase = JOINED;
      counters.joined++;
    }
  } else {
    receive_update(client, data + at, length - at, received_at);
  }
}

static void receive_event(struct client *client, const u8 *json, size_t length) {
  static const char saved[] = "\"type\":\"saved\",\"count\":", welcome[] = "\"type\":\"welcome\"";
  const u8 *found = memmem(json, length, saved, sizeof saved - 1);
  if (found) {
    client->saved = 0;
    for (found += sizeof saved - 1; found < json + length && *found >= '0' && *found <= '9'; found++) {
      client->saved = client->saved * 10 + (*found - '0');
    }
  } else if (client->phase == GREETING && !client->greeted && memmem(json, length, welcome, sizeof welcome - 1)) {
    client->greeted = true;
    protocol_greet(client);
  }
}

void protocol_receive(struct client *client, int opcode, const u8 *payload, size_t length, u64 received_at) {
  counters.frames++;
  counters.bytes += length;
  if (opcode == PING) {
    struct bytes echo = {.data = (u8 *)payload, .length = length};
    client_frame(client, PONG, &echo);
    client_flush(client);
    return;
  }
  if (opcode == CLOSE) {
    client_close(client);
    return;
  }
  size_t at = 0;
  if (plan.hocuspocus) skip_text(payload, length, &at); /* the document's name */
  if (at >= length) return;
  u64 message = read_varint(payload, length, &at);
  if (message == EVENT) {
    receive_event(client, payload + at, length - at);
  } else if (message == SYNC || message == SYNC_REPLY) {
    receive_sync(client, payload, length, at, received_at);
  } else if (message == AWARENESS) {
    counters.awareness++;
  } else if (message == AUTH && plan.hocuspocus) {
    protocol_step1(client);
    client_flush(client);
  } else if (message == SYNC_STATUS) {
    counters.acknowledged++;
  }
}
