#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "meter.h"
#include "protocol.h"

#define READ_BYTES (1 << 20)
#define EVENTS 512

struct plan plan;
struct counters counters = {.timing = true};
struct client *clients;
struct room *rooms;
int client_count;

static int poller;

void clients_prepare(u32 updates_per_room) {
  poller = epoll_create1(0);
  client_count = plan.rooms * plan.clients_per_room;
  clients = calloc(client_count, sizeof *clients);
  rooms = calloc(plan.rooms, sizeof *rooms);
  for (int i = 0; i < plan.rooms; i++) {
    rooms[i].sent_at = calloc(updates_per_room, sizeof(u64));
    rooms[i].most = updates_per_room;
    if (plan.path) {
      snprintf(rooms[i].name, sizeof rooms[i].name, "%s", plan.path);
    } else {
      snprintf(rooms[i].name, sizeof rooms[i].name, "%s%d", plan.prefix, i);
    }
  }
  for (int i = 0; i < client_count; i++) {
    clients[i].room = i / plan.clients_per_room;
    clients[i].index = i % plan.clients_per_room;
  }
}

/* ---- the socket ---- */

static void watch(struct client *client, int operation) {
  struct epoll_event event = {.events = EPOLLIN | (client->waits_to_write ? EPOLLOUT : 0), .data.ptr = client};
  epoll_ctl(poller, operation, client->fd, &event);
}

static void wait_to_write(struct client *client, bool waits) {
  if (client->waits_to_write == waits) return;
  client->waits_to_write = waits;
  watch(client, EPOLL_CTL_MOD);
}

static int port_of(const struct client *client) {
  return plan.ports[(plan.kept_together ? client->room : client->room + client->index) % plan.port_count];
}

void client_open(struct client *client) {
  int port = port_of(client);
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int yes = 1;
  setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  connect(client->fd, (void *)&address, sizeof address);
  char request[NAME_BYTES + 512];
  int length = snprintf(request, sizeof request,
                        "GET /%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                        plan.hocuspocus ? "" : rooms[client->room].name, port,
                        plan.saved ? "Sec-WebSocket-Protocol: fourhands.v1\r\n" : "");
  put(&client->out, request, length);
  client->phase = UPGRADING;
  counters.opened++;
  client->waits_to_write = true; /* the socket becomes writable once it is connected */
  watch(client, EPOLL_CTL_ADD);
}

void client_close(struct client *client) {
  if (client->phase == GONE) return;
  client->phase = GONE;
  counters.gone++;
  close(client->fd);
}

void client_flush(struct client *client) {
  while (client->out.length) {
    ssize_t written = write(client->fd, client->out.data, client->out.length);
    if (written < 0) {
      if (errno == EAGAIN) {
        wait_to_write(client, true);
      } else {
        client_close(client);
      }
      return;
    }
    memmove(client->out.data, client->out.data + written, client->out.length - written);
    client->out.length -= written;
  }
  wait_to_write(client, false);
}

/* ---- WebSocket (RFC 6455) ---- */

void client_frame(struct client *client, int opcode, const struct bytes *payload) {
  static const u8 mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  struct bytes *out = &client->out;
  size_t length = payload->length;
  put_byte(out, 0x80 | opcode);
  if (length < 126) {
    put_byte(out, 0x80 | length);
  } else if (length < 65536) {
    put_byte(out, 0x80 | 126);
    put_byte(out, length >> 8);
    put_byte(out, length);
  } else {
    put_byte(out, 0x80 | 127);
    for (int i = 7; i >= 0; i--) put_byte(out, (u64)length >> (8 * i));
  }
  put(out, mask, 4);
  size_t start = out->length;
  put(out, payload->data, length);
  for (size_t i = 0; i < length; i++) out->data[start + i] ^= mask[i & 3];
}

/* Where the frames begin; 0: the answer is not whole yet, or it is a refusal (and the client is gone). */
static size_t read_upgrade(struct client *client, const u8 *data, size_t length) {
  const u8 *end = memmem(data, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memcmp(data, "HTTP/1.1 101", 12) != 0) {
    fprintf(stderr, "upgrade refused: %.60s\n", data);
    client_close(client);
    return 0;
  }
  client->phase = GREETING;
  if (!plan.saved) protocol_greet(client); /* a fourhands.v1 client waits for `welcome` */
  return end - data + 4;
}

static void read_frames(struct client *client, const u8 *data, size_t length, u64 received_at) {
  size_t at = 0;
  if (client->phase == UPGRADING) at = read_upgrade(client, data, length);
  while (client->phase >= GREETING && client->phase != GONE && length - at >= 2) {
    size_t header = 2, payload = data[at + 1] & 127;
    if (payload == 126) {
      if (length - at < 4) break;
      payload = data[at + 2] << 8 | data[at + 3];
      header = 4;
    } else if (payload == 127) {
      if (length - at < 10) break;
      payload = 0;
      for (int i = 0; i < 8; i++) payload = payload << 8 | data[at + 2 + i];
      header = 10;
    }
    if (length - at < header + payload) break;
    protocol_receive(client, data[at] & 15, data + at + header, payload, received_at);
    at += header + payload;
  }
  if (client->phase != GONE && at < length) put(&client->in, data + at, length - at);
}

static void receive(struct client *client) {
  static u8 arrived[READ_BYTES];
  ssize_t length = read(client->fd, arrived, sizeof arrived);
  if (length <= 0) {
    if (length < 0 && errno == EAGAIN) return;
    client_close(client);
    return;
  }
  u64 received_at = now(); /* what latency counts to: the return of read() */
  if (!client->in.length) {
    read_frames(client, arrived, length, received_at);
    return;
  }
  put(&client->in, arrived, length);
  struct bytes whole = client->in;
  client->in = (struct bytes){0};
  read_frames(client, whole.data, whole.length, received_at);
  free(whole.data);
}

void clients_poll(int milliseconds) { clients_poll_ns(milliseconds * 1000000ull); }

void clients_poll_ns(u64 nanoseconds) {
  struct epoll_event events[EVENTS];
  struct timespec wait = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  int count = epoll_pwait2(poller, events, EVENTS, &wait, NULL);
  for (int i = 0; i < count; i++) {
    struct client *client = events[i].data.ptr;
    if (client->phase == GONE) continue;
    if (events[i].events & EPOLLOUT) client_flush(client);
    if (client->phase != GONE && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) receive(client);
  }
}
