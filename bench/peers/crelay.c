/* crelay PORT: the floor that bench/compare.py compares with. A relay for y-websocket clients in C on one epoll loop,
 * with no document, no checks and no journal: an update or a cursor goes to the others in its room as it came, and a
 * step 1 is answered by an empty step 2. Loopback only; Linux. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint32_t u32;

#define TABLE_SIZE 65536
#define READ_BYTES (1 << 20)
#define EVENTS 512

struct room;

struct connection {
  int fd, upgraded;
  struct room *room;
  int place; /* in the room's list */
  u8 *in, *out;
  size_t in_length, out_length;
};

struct room {
  char name[64];
  struct connection **people;
  int count, capacity;
  struct room *next; /* in its bucket */
};

static struct room *table[TABLE_SIZE];
static int poller;
static u8 arrived[READ_BYTES + 1];

/* ---- the handshake's SHA-1 and base64 ---- */

static u32 rotate(u32 value, int bits) {
  return value << bits | value >> (32 - bits);
}

static void sha1_block(u32 state[5], const u8 *block) {
  u32 words[80];
  for (int i = 0; i < 16; i++) words[i] = (u32)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 80; i++) words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  u32 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 80; i++) {
    u32 mixed, constant;
    if (i < 20) {
      mixed = (b & c) | (~b & d), constant = 0x5A827999;
    } else if (i < 40) {
      mixed = b ^ c ^ d, constant = 0x6ED9EBA1;
    } else if (i < 60) {
      mixed = (b & c) | (b & d) | (c & d), constant = 0x8F1BBCDC;
    } else {
      mixed = b ^ c ^ d, constant = 0xCA62C1D6;
    }
    u32 next = rotate(a, 5) + mixed + e + constant + words[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* Of at most 119 bytes: two blocks. */
static void sha1(const u8 *data, size_t length, u8 digest[20]) {
  u32 state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  u8 padded[128] = {0};
  memcpy(padded, data, length);
  padded[length] = 128;
  size_t total = ((length + 8) / 64 + 1) * 64;
  for (int i = 0; i < 8; i++) padded[total - 1 - i] = (length * 8) >> (8 * i);
  for (size_t at = 0; at < total; at += 64) sha1_block(state, padded + at);
  for (int i = 0; i < 5; i++) {
    for (int byte = 0; byte < 4; byte++) digest[4 * i + byte] = state[i] >> (24 - 8 * byte);
  }
}

static void base64(const u8 *data, int length, char *text) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < length; i += 3) {
    u32 three = data[i] << 16 | (i + 1 < length ? data[i + 1] << 8 : 0) | (i + 2 < length ? data[i + 2] : 0);
    *text++ = letters[three >> 18];
    *text++ = letters[three >> 12 & 63];
    *text++ = i + 1 < length ? letters[three >> 6 & 63] : '=';
    *text++ = i + 2 < length ? letters[three & 63] : '=';
  }
  *text = 0;
}

/* ---- rooms and sockets ---- */

static struct room *find_room(const char *name) {
  u32 hash = 5381;
  for (const char *letter = name; *letter; letter++) hash = (hash * 33) ^ *letter;
  struct room **bucket = &table[hash % TABLE_SIZE];
  for (struct room *room = *bucket; room; room = room->next) {
    if (!strcmp(room->name, name)) return room;
  }
  struct room *room = calloc(1, sizeof *room);
  snprintf(room->name, sizeof room->name, "%s", name);
  room->next = *bucket;
  return *bucket = room;
}

static void enter(struct connection *connection, const char *path) {
  struct room *room = connection->room = find_room(path);
  if (room->count == room->capacity) {
    room->capacity = room->capacity * 2 + 4;
    room->people = realloc(room->people, room->capacity * sizeof *room->people);
  }
  connection->place = room->count;
  room->people[room->count++] = connection;
}

static void watch(struct connection *connection, int operation, u32 events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  epoll_ctl(poller, operation, connection->fd, &event);
}

static void send_bytes(struct connection *connection, const u8 *data, size_t length) {
  if (!connection->out_length) {
    ssize_t written = write(connection->fd, data, length);
    if (written == (ssize_t)length) return;
    if (written < 0) written = 0;
    data += written;
    length -= written;
  }
  connection->out = realloc(connection->out, connection->out_length + length);
  memcpy(connection->out + connection->out_length, data, length);
  connection->out_length += length;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

static void send_waiting(struct connection *connection) {
  ssize_t written = write(connection->fd, connection->out, connection->out_length);
  if (written > 0) {
    memmove(connection->out, connection->out + written, connection->out_length - written);
    connection->out_length -= written;
  }
  if (!connection->out_length) watch(connection, EPOLL_CTL_MOD, EPOLLIN);
}

static void drop(struct connection *connection) {
  struct room *room = connection->room;
  if (room) {
    room->people[connection->place] = room->people[--room->count];
    room->people[connection->place]->place = connection->place;
  }
  close(connection->fd);
  free(connection->in);
  free(connection->out);
  free(connection);
}

static void keep(struct connection *connection, const u8 *data, size_t length) {
  connection->in = realloc(connection->in, length);
  memcpy(connection->in, data, length);
  connection->in_length = length;
}

/* ---- what arrives ---- */

static void take_message(struct connection *connection, const u8 *payload, size_t length) {
  if (length < 2 || length >= 65536) return;
  if (payload[0] == 0 && payload[1] == 0) { /* step 1 */
    send_bytes(connection, (const u8 *)"\x82\x05\x00\x01\x02\x00\x00", 7);
    return;
  }
  if (!(payload[0] == 0 && payload[1] == 2) && payload[0] != 1) return; /* neither an update nor awareness */
  u8 frame[65536 + 4] = {0x82};
  size_t header = 2;
  if (length < 126) {
    frame[1] = length;
  } else {
    frame[1] = 126, frame[2] = length >> 8, frame[3] = length;
    header = 4;
  }
  memcpy(frame + header, payload, length);
  struct room *room = connection->room;
  for (int i = 0; i < room->count; i++) {
    if (room->people[i] != connection) send_bytes(room->people[i], frame, header + length);
  }
}

/* Where the frames begin; 0: the request is not whole yet; -1: it is none. `text` ends with a zero byte. */
static ssize_t take_request(struct connection *connection, char *text) {
  char *end = strstr(text, "\r\n\r\n");
  if (!end) return 0;
  char path[64], key[128], accept[40], answer[256];
  char *key_line = strcasestr(text, "Sec-WebSocket-Key: ");
  if (!key_line || sscanf(text, "GET %63s", path) != 1 || sscanf(key_line + 19, "%60s", key) != 1) return -1;
  strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  u8 digest[20];
  sha1((u8 *)key, strlen(key), digest);
  base64(digest, 20, accept);
  int length = sprintf(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
  send_bytes(connection, (u8 *)answer, length);
  send_bytes(connection, (const u8 *)"\x82\x04\x00\x00\x01\x00", 6); /* step 1 of an empty document */
  connection->upgraded = 1;
  enter(connection, path);
  return end - text + 4;
}

/* How many bytes were taken as frames; -1: the connection ends. */
static ssize_t take_frames(struct connection *connection, u8 *data, size_t length) {
  size_t at = 0;
  while (length - at >= 6) {
    size_t payload = data[at + 1] & 127, header = 6;
    if (payload == 126) {
      if (length - at < 8) break;
      payload = data[at + 2] << 8 | data[at + 3];
      header = 8;
    } else if (payload == 127) {
      return -1;
    }
    if (length - at < header + payload) break;
    u8 *mask = data + at + header - 4, *text = data + at + header;
    for (size_t i = 0; i < payload; i++) text[i] ^= mask[i & 3];
    int opcode = data[at] & 15;
    if (opcode == 8) return -1;
    if (opcode == 2) take_message(connection, text, payload);
    at += header + payload;
  }
  return at;
}

/* -1: the connection ends. */
static int receive(struct connection *connection) {
  if (connection->in_length) memcpy(arrived, connection->in, connection->in_length);
  ssize_t count = read(connection->fd, arrived + connection->in_length, READ_BYTES - connection->in_length);
  if (count <= 0) return count < 0 && errno == EAGAIN ? 0 : -1;
  size_t length = connection->in_length + count, start = 0;
  connection->in_length = 0;
  if (!connection->upgraded) {
    arrived[length] = 0;
    ssize_t after = take_request(connection, (char *)arrived);
    if (after < 0) return -1;
    if (after == 0) {
      keep(connection, arrived, length);
      return 0;
    }
    start = after;
  }
  ssize_t taken = take_frames(connection, arrived + start, length - start);
  if (taken < 0) return -1;
  if (start + taken < length) keep(connection, arrived + start + taken, length - start - taken);
  return 0;
}

static void accept_one(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), yes = 1;
  if (fd < 0) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct connection *connection = calloc(1, sizeof *connection);
  connection->fd = fd;
  watch(connection, EPOLL_CTL_ADD, EPOLLIN);
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) {
    perror("crelay");
    exit(1);
  }
  return listener;
}

int main(int count, char **words) {
  if (count != 2) {
    fputs("crelay PORT\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = listen_on(atoi(words[1]));
  poller = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}; /* no connection: the listener */
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      if (!connection) {
        accept_one(listener);
        continue;
      }
      if (events[i].events & EPOLLOUT) send_waiting(connection);
      if (events[i].events & (EPOLLIN | EPOLLHUP) && receive(connection) < 0) drop(connection);
    }
  }
}
