// The origin behind every proxy: one thread, one epoll, answers prepared in memory.
//
//   GET  /small /64k /1m   100 bytes, 64 KiB, 1 MiB
//   GET  /head             the request's head as it arrived, to see what a proxy sent
//   POST /hash             the FNV-1a hash of the body as 16 hex digits
//   POST anything          100 bytes, once the body has been read
#define _GNU_SOURCE
#include "http.h"
#include "net.h"

enum { HEAD_LIMIT = 16 * 1024, READ_SIZE = 256 * 1024 };

struct answer {
    char *bytes;
    size_t head, length;
};

struct connection {
    char *held;           // the beginning of a head that is not complete
    size_t held_length;
    int64_t body_left;    // of the request that is being read
    const char *out;      // the part of the answer that the socket has not taken yet
    size_t out_length;
    char *own;            // the answer, if it is not one of the prepared ones
    uint64_t hash;
    char open, in_body, hashing, close, head_only;
    const struct answer *answer;
};

static struct answer answers[3][2];  // by size, and by whether the connection closes
static struct connection *connections;
static char input[HEAD_LIMIT + READ_SIZE];

static struct answer prepare(size_t body, int close) {
    char head[256];
    int head_size = snprintf(head, sizeof head,
        "HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: application/octet-stream\r\nContent-Length: %zu\r\n%s\r\n",
        body, close ? "Connection: close\r\n" : "");
    struct answer answer = {malloc((size_t)head_size + body), (size_t)head_size, (size_t)head_size + body};
    if (!answer.bytes) die("no memory for the answers");
    memcpy(answer.bytes, head, (size_t)head_size);
    uint32_t state = 2463534242;
    for (size_t i = 0; i < body; i++) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5;
        answer.bytes[(size_t)head_size + i] = (char)('a' + state % 26);
    }
    return answer;
}

static void leave(int fd) {
    struct connection *c = &connections[fd];
    free(c->held);
    free(c->own);
    memset(c, 0, sizeof *c);
    close(fd);
}

// Sends what is left of the answer; 0 if the connection is gone.
static int flush(int fd) {
    struct connection *c = &connections[fd];
    while (c->out_length > 0) {
        ssize_t n = send(fd, c->out, c->out_length, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) return 1;
            if (errno == EINTR) continue;
            leave(fd);
            return 0;
        }
        c->out += n;
        c->out_length -= (size_t)n;
    }
    free(c->own);
    c->own = NULL;
    if (c->close) {
        leave(fd);
        return 0;
    }
    return 1;
}

static void answer_own(struct connection *c, const char *body, size_t length) {
    c->own = malloc(length + 128);
    if (!c->own) die("no memory for an answer");
    int head = sprintf(c->own, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", length,
        c->close ? "Connection: close\r\n" : "");
    memcpy(c->own + head, body, length);
    c->out = c->own;
    c->out_length = (size_t)head + length;
}

static int finish_request(int fd) {
    struct connection *c = &connections[fd];
    c->in_body = 0;
    if (c->hashing) {
        char text[17];
        snprintf(text, sizeof text, "%016llx", (unsigned long long)c->hash);
        c->hashing = 0;
        answer_own(c, text, 16);
    } else if (c->answer) {
        c->out = c->answer->bytes;
        c->out_length = c->head_only ? c->answer->head : c->answer->length;
    }
    return flush(fd);
}

static int starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

// Reads one complete head; 0 if the connection is gone.
static int begin_request(int fd, const char *head, size_t length) {
    struct connection *c = &connections[fd];
    const char *path = memchr(head, ' ', length);
    if (!path) {
        leave(fd);
        return 0;
    }
    path++;
    int64_t body = content_length(head, length);
    c->close = (char)wants_close(head, length);
    c->head_only = starts(head, "HEAD ");
    int size = starts(path, "/64k ") ? 1 : starts(path, "/1m ") ? 2 : 0;
    c->answer = &answers[size][c->close != 0];
    c->hashing = starts(head, "POST /hash ");
    c->hash = UINT64_C(14695981039346656037);
    if (starts(path, "/head ")) {
        answer_own(c, head, length);
        c->answer = NULL;
    }
    c->body_left = body > 0 ? body : 0;
    c->in_body = 1;
    return c->body_left > 0 ? 1 : finish_request(fd);
}

// Takes the bytes that arrived; 0 if the connection is gone. What it cannot use yet it holds.
static int take(int fd, const char *bytes, size_t length) {
    struct connection *c = &connections[fd];
    while (length > 0) {
        if (c->in_body) {
            size_t part = (int64_t)length < c->body_left ? length : (size_t)c->body_left;
            if (c->hashing)
                for (size_t i = 0; i < part; i++)
                    c->hash = (c->hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
            bytes += part;
            length -= part;
            c->body_left -= (int64_t)part;
            if (c->body_left == 0 && !finish_request(fd)) return 0;
            continue;
        }
        size_t head = c->out_length > 0 ? 0 : head_length(bytes, length);
        if (head > 0) {
            if (!begin_request(fd, bytes, head)) return 0;
            bytes += head;
            length -= head;
            continue;
        }
        if (length >= HEAD_LIMIT || !(c->held = malloc(HEAD_LIMIT))) {
            leave(fd);
            return 0;
        }
        memcpy(c->held, bytes, length);
        c->held_length = length;
        return 1;
    }
    return 1;
}

static void receive(int fd, int at_end) {
    struct connection *c = &connections[fd];
    while (c->out_length == 0) {
        size_t before = c->held_length;
        if (before > 0) {
            memcpy(input, c->held, before);
            free(c->held);
            c->held = NULL;
            c->held_length = 0;
        }
        ssize_t n = recv(fd, input + before, READ_SIZE, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) return leave(fd);
        size_t fresh = n > 0 ? (size_t)n : 0;
        if (before + fresh > 0 && !take(fd, input, before + fresh)) return;
        if (n < 0 || (fresh < READ_SIZE && !at_end)) return;
    }
}

// Accepts from loopback only: the listener is open to every address so that one origin can stand for a thousand.
static void welcome(int listener, int queue, size_t limit) {
    for (int i = 0; i < 64; i++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        if (ntohl(peer.sin_addr.s_addr) >> 24 != 127 || (size_t)fd >= limit) {
            close(fd);
            continue;
        }
        no_delay(fd);
        connections[fd].open = 1;
        epoll_ctl(queue, EPOLL_CTL_ADD, fd,
            &(struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd});
    }
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    size_t limit = descriptor_limit();
    connections = calloc(limit, sizeof *connections);
    if (!connections) die("no memory for %zu connections", limit);
    static const size_t sizes[3] = {100, 64 * 1024, 1024 * 1024};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++) answers[i][j] = prepare(sizes[i], j);
    int listener = listen_anywhere("0.0.0.0");
    int queue = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    static struct epoll_event events[512];
    for (;;) {
        int n = epoll_wait(queue, events, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                welcome(listener, queue, limit);
                continue;
            }
            if (!connections[fd].open) continue;
            int was_waiting = connections[fd].out_length > 0;
            if (was_waiting && events[i].events & EPOLLOUT && !flush(fd)) continue;
            // An answer that has just left may have kept a request waiting, whose edge is long gone.
            if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR) || was_waiting)
                receive(fd, (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
        }
    }
}
