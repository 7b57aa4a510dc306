// The little of HTTP/1.1 that an origin and a load generator need: where a head ends, and a field of it.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

// The length of the head with its empty line, or 0 if it is not complete.
static inline size_t head_length(const char *bytes, size_t length) {
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    return end ? (size_t)(end - bytes) + 4 : 0;
}

// The value of a field, up to its line's end, or NULL. `name` is in lower case and ends with the colon.
static inline const char *field_value(const char *head, size_t length, const char *name, size_t name_length) {
    const char *end = head + length;
    const char *line = memchr(head, '\n', length);
    while (line && ++line + name_length < end) {
        if ((*line | 0x20) == *name && strncasecmp(line, name, name_length) == 0) {
            line += name_length;
            while (*line == ' ') line++;
            return line;
        }
        line = memchr(line, '\n', (size_t)(end - line));
    }
    return NULL;
}

// The value of Content-Length, or -1 if the head has none.
static inline int64_t content_length(const char *head, size_t length) {
    const char *digits = field_value(head, length, "content-length:", 15);
    if (!digits || *digits < '0' || *digits > '9') return -1;
    int64_t value = 0;
    while (*digits >= '0' && *digits <= '9' && value < INT64_C(1) << 50) value = value * 10 + (*digits++ - '0');
    return value;
}

static inline int wants_close(const char *head, size_t length) {
    const char *value = field_value(head, length, "connection:", 11);
    return value && strncasecmp(value, "close", 5) == 0;
}
