/* A growing byte buffer and lib0's variable-length integers, as Yjs writes them. */
#ifndef BYTES_H
#define BYTES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

struct bytes {
  u8 *data;
  size_t length, capacity;
};

static inline void put(struct bytes *to, const void *data, size_t length) {
  if (to->length + length > to->capacity) {
    to->capacity = (to->length + length) * 2 + 64;
    to->data = realloc(to->data, to->capacity);
    if (!to->data) abort();
  }
  memcpy(to->data + to->length, data, length);
  to->length += length;
}

static inline void put_byte(struct bytes *to, u8 byte) {
  put(to, &byte, 1);
}

static inline void put_varint(struct bytes *to, u64 value) {
  while (value > 127) {
    put_byte(to, 128 | (value & 127));
    value >>= 7;
  }
  put_byte(to, value);
}

/* Reads at *at and moves it on; stops at `length`. */
static inline u64 read_varint(const u8 *data, size_t length, size_t *at) {
  u64 value = 0;
  int shift = 0;
  while (*at < length) {
    u8 byte = data[(*at)++];
    value |= (u64)(byte & 127) << shift;
    if (byte < 128) break;
    shift += 7;
  }
  return value;
}

#endif
