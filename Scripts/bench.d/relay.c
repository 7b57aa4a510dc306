// The floor that every proxy is measured against: copies bytes between a client's connection and one of its own to
// the origin, and looks at none of them. usage: relay 127.0.0.1:PORT (of the origin)
#define _GNU_SOURCE
#include "net.h"

enum { READ_SIZE = 256 * 1024 };

struct side {
    int open, ended;  // ended: it sent its last byte
    int other;
    char *held;       // the buffer with bytes for this side that its socket has not taken yet
    size_t held_length, held_offset;
};

static struct side *sides;
static size_t limit;
static int queue;
static char *buffer;        // the one that is read into next
static char **spare;        // others, last used first
static size_t spare_count;

static char *take_buffer(void) {
    char *taken = spare_count > 0 ? spare[--spare_count] : malloc(READ_SIZE);
    if (!taken) die("no memory for a buffer");
    return taken;
}

static void give_back(struct side *side) {
    if (side->held) spare[spare_count++] = side->held;
    side->held = NULL;
    side->held_length = 0;
}

static void leave(int fd) {
    int pair[2] = {fd, sides[fd].other};
    for (int i = 0; i < 2; i++) {
        give_back(&sides[pair[i]]);
        memset(&sides[pair[i]], 0, sizeof *sides);
        close(pair[i]);
    }
}

// Passes on what `from` sent until it has no more or the other side takes no more; 0 if the pair is gone.
static int pump(int from, int at_end) {
    struct side *source = &sides[from], *target = &sides[source->other];
    while (target->held_length == 0 && !source->ended) {
        ssize_t n = recv(from, buffer, READ_SIZE, 0);
        if (n < 0 && errno == EAGAIN) return 1;
        if (n < 0) return leave(from), 0;
        if (n == 0) {
            source->ended = 1;
            if (target->ended) return leave(from), 0;
            shutdown(source->other, SHUT_WR);
            return 1;
        }
        ssize_t sent = send(source->other, buffer, (size_t)n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return leave(from), 0;
        if (sent < 0) sent = 0;
        if (sent < n) {
            // The buffer waits with what is left in it, uncopied, and another takes its place.
            target->held = buffer;
            target->held_offset = (size_t)sent;
            target->held_length = (size_t)(n - sent);
            buffer = take_buffer();
        }
        if (n < READ_SIZE && !at_end) return 1;
    }
    return 1;
}

// The socket takes bytes again: sends what was held for it, then goes on with what the other side sent meanwhile.
static int flush(int to) {
    struct side *target = &sides[to];
    ssize_t sent = send(to, target->held + target->held_offset, target->held_length, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN ? 1 : (leave(to), 0);
    target->held_offset += (size_t)sent;
    target->held_length -= (size_t)sent;
    if (target->held_length > 0) return 1;
    give_back(target);
    return pump(target->other, 1);
}

static void watch(int fd, int other) {
    no_delay(fd);
    sides[fd] = (struct side){.open = 1, .other = other};
    epoll_ctl(queue, EPOLL_CTL_ADD, fd,
        &(struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd});
}

static void welcome(int listener, const struct sockaddr_in *origin) {
    for (int i = 0; i < 64; i++) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0) return;
        int upstream = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int failed = upstream < 0 || (size_t)upstream >= limit || (size_t)client >= limit ||
                     (connect(upstream, (const struct sockaddr *)origin, sizeof *origin) && errno != EINPROGRESS);
        if (failed) {
            close(client);
            if (upstream >= 0) close(upstream);
            continue;
        }
        watch(upstream, client);
        watch(client, upstream);
    }
}

int main(int count, char **arguments) {
    if (count != 2) die("usage: relay 127.0.0.1:PORT");
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in origin = address_of(arguments[1]);
    limit = descriptor_limit();
    sides = calloc(limit, sizeof *sides);
    spare = calloc(limit, sizeof *spare);
    if (!sides || !spare) die("no memory for %zu connections", limit);
    buffer = take_buffer();
    queue = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_anywhere("127.0.0.1");
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    static struct epoll_event events[512];
    for (;;) {
        int n = epoll_wait(queue, events, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd, at_end = (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
            if (fd == listener) {
                welcome(listener, &origin);
                continue;
            }
            if (sides[fd].open && sides[fd].held_length > 0 && events[i].events & EPOLLOUT && !flush(fd)) continue;
            if (sides[fd].open && (events[i].events & EPOLLIN || at_end)) pump(fd, at_end);
        }
    }
}
