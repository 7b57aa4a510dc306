// The load generator of every scenario: one thread, one epoll, non-blocking, bounded in count and time.
//
//   load --to 127.0.0.1:8000 --request FILE --answer BYTES [--connections 64] [--in-flight N] [--sources N]
//        [--rate PER_SECOND] [--seconds 2] [--warmup 0.2] [--close]
//
// It opens the connections, has one request answered on each, sends for --warmup seconds and prints `ready`. For each
// line on standard input it then measures for --seconds, lets what is in flight finish and prints one line of JSON; the
// connections stay open in between, and end with standard input.
//
// With --rate the requests have a timetable, and times count from when a request was due, not from when it could be
// sent: an answer that holds up others is charged for all of them. Without it every connection sends again as soon
// as it has its answer, or, with --in-flight below --connections, the one that has rested longest does.
#define _GNU_SOURCE
#include <fcntl.h>
#include <getopt.h>
#include <sys/prctl.h>

#include "histogram.h"
#include "http.h"
#include "net.h"

enum { READ_SIZE = 256 * 1024, HEAD_LIMIT = 4096, GIVE_UP_NS = 5 * 1000000000LL, ERROR_LIMIT = 1000 };
enum state { CLOSED, RESTING, SENDING, IN_HEAD, IN_BODY, AT_END };

struct connection {
    int fd;
    enum state state;
    size_t sent;
    int64_t body_left;
    uint64_t since;
    char *held;  // the beginning of a head that is not complete
    size_t held_length;
};

static struct sockaddr_in target;
static char *request;
static size_t request_length;
static int64_t answer_length = -1;
static unsigned count = 64, limit = 0, sources = 0;
static double rate = 0, seconds = 2, warmup = 0.2;
static int closing = 0;

static int queue;
static struct connection *connections;
static unsigned *resting;  // a ring of the connections without a request, longest rest first
static unsigned resting_first, resting_count, in_flight;
static char buffer[READ_SIZE];

static struct histogram times;
static uint64_t done, bad_status, bad_length, broken, reopened;

static uint64_t errors(void) {
    return bad_status + bad_length + broken;
}

static void rest(struct connection *c) {
    resting[(resting_first + resting_count++) % count] = (unsigned)(c - connections);
}

static void hang_up(struct connection *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->state = CLOSED;
    c->held_length = 0;
}

// Ends the request of a connection; a failed one ends the connection too.
static void finish(struct connection *c, uint64_t *failure) {
    if (failure) {
        (*failure)++;
        hang_up(c);
    } else {
        done++;
        histogram_add(&times, now_ns() - c->since);
        if (closing) hang_up(c);
        else c->state = RESTING;
    }
    in_flight--;
    rest(c);
}

static void transmit(struct connection *c) {
    while (c->sent < request_length) {
        ssize_t n = send(c->fd, request + c->sent, request_length - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) finish(c, &broken);
            return;
        }
        c->sent += (size_t)n;
    }
    c->state = IN_HEAD;
}

// Opens a connection; 0 if the system has none to give.
static int open_connection(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return 0;
    no_delay(c->fd);
    if (sources > 0) {
        // Each source is a client of its own, from 127.64.0.1 on; the port is chosen when the target is known.
        uint32_t number = (uint32_t)(c - connections) % sources;
        struct sockaddr_in source = {.sin_family = AF_INET};
        source.sin_addr.s_addr = htonl(0x7f400000u + (number / 250) * 256 + number % 250 + 1);
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
        if (bind(c->fd, (struct sockaddr *)&source, sizeof source)) return 0;
    }
    if (connect(c->fd, (struct sockaddr *)&target, sizeof target) && errno != EINPROGRESS) return 0;
    return epoll_ctl(queue, EPOLL_CTL_ADD, c->fd,
               &(struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c}) == 0;
}

static void start(struct connection *c, uint64_t since) {
    in_flight++;
    c->since = since;
    c->sent = 0;
    int fresh = c->fd < 0;
    c->state = SENDING;
    if (!fresh) transmit(c);
    else if (!open_connection(c)) finish(c, &broken);
}

// Takes bytes of an answer; 0 once the connection has no request any more.
static int take(struct connection *c, const char *bytes, size_t length) {
    if (c->state == IN_HEAD) {
        if (c->held_length > 0 || !head_length(bytes, length)) {
            if (!c->held && !(c->held = malloc(HEAD_LIMIT))) die("no memory");
            size_t part = length < HEAD_LIMIT - c->held_length ? length : HEAD_LIMIT - c->held_length;
            memcpy(c->held + c->held_length, bytes, part);
            size_t before = c->held_length;
            c->held_length += part;
            size_t head = head_length(c->held, c->held_length);
            if (head == 0) {
                if (c->held_length < HEAD_LIMIT) return 1;
                return finish(c, &bad_status), 0;
            }
            c->body_left = content_length(c->held, head);
            if (memcmp(c->held, "HTTP/1.1 2", 10)) return finish(c, &bad_status), 0;
            bytes += head - before;
            length -= head - before;
            c->held_length = 0;
        } else {
            size_t head = head_length(bytes, length);
            c->body_left = content_length(bytes, head);
            if (memcmp(bytes, "HTTP/1.1 2", 10)) return finish(c, &bad_status), 0;
            bytes += head;
            length -= head;
        }
        if (c->body_left != answer_length) return finish(c, &bad_length), 0;
        c->state = IN_BODY;
    }
    if ((int64_t)length > c->body_left) return finish(c, &bad_length), 0;
    c->body_left -= (int64_t)length;
    if (c->body_left > 0) return 1;
    if (closing) return c->state = AT_END, 1;
    return finish(c, NULL), 0;
}

static void receive(struct connection *c, int at_end) {
    for (;;) {
        ssize_t n = recv(c->fd, buffer, READ_SIZE, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            if (n == 0 && c->state == AT_END) return finish(c, NULL);
            return finish(c, c->state == IN_BODY && n == 0 ? &bad_length : &broken);
        }
        if (c->state == AT_END) return finish(c, &bad_length);
        if (!take(c, buffer, (size_t)n)) return;
        if (n < READ_SIZE && !at_end) return;
    }
}

static void handle(struct connection *c, uint32_t events) {
    int at_end = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (c->state == RESTING && at_end) {
        // A proxy may close a connection between two requests, but it is worth knowing.
        reopened++;
        return hang_up(c);
    }
    if (c->state == SENDING && events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) transmit(c);
    if (c->state == SENDING && events & EPOLLIN) return finish(c, &bad_status);  // answered before it was complete
    if (c->state >= IN_HEAD && (events & EPOLLIN || at_end)) receive(c, at_end);
}

// Sends up to `quota` requests for `duration` seconds, by the timetable if there is one, and waits for the answers.
static double run(double duration, uint64_t quota, double per_second) {
    static struct epoll_event events[512];
    histogram_clear(&times);
    done = bad_status = bad_length = broken = reopened = 0;
    uint64_t begin = now_ns(), issued = 0;
    uint64_t stop = begin + (uint64_t)(duration * 1e9), give_up = stop + GIVE_UP_NS;
    uint64_t due = begin;
    for (;;) {
        uint64_t now = now_ns();
        // A timetable is kept to its end, however late: what was not sent would be missing from the times.
        int over = issued >= quota || (per_second == 0 && now >= stop) || errors() >= ERROR_LIMIT;
        if ((over && in_flight == 0) || now >= give_up) break;
        while (!over && resting_count > 0 && in_flight < limit) {
            if (per_second > 0) {
                due = begin + (uint64_t)((double)issued * 1e9 / per_second);
                if (due > now) break;
            }
            struct connection *c = &connections[resting[resting_first]];
            resting_first = (resting_first + 1) % count;
            resting_count--;
            start(c, per_second > 0 ? due : now);
            if (++issued >= quota || errors() >= ERROR_LIMIT) over = 1;
        }
        uint64_t wake = over ? give_up : per_second == 0 ? stop : give_up;
        if (!over && per_second > 0 && resting_count > 0 && in_flight < limit && due < wake) wake = due;
        now = now_ns();
        uint64_t pause = wake > now ? wake - now : 0;
        struct timespec timeout = {(time_t)(pause / 1000000000u), (long)(pause % 1000000000u)};
        int n = epoll_pwait2(queue, events, 512, &timeout, NULL);
        for (int i = 0; i < n; i++) handle(events[i].data.ptr, events[i].events);
    }
    double elapsed = (double)(now_ns() - begin) / 1e9;
    for (unsigned i = 0; i < count; i++)
        if (connections[i].state > RESTING) finish(&connections[i], &broken);
    if (per_second > 0) broken += quota > issued ? quota - issued : 0;
    return elapsed;
}

static void report(double elapsed) {
    printf("{\"requests\": %llu, \"seconds\": %.6f, \"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, "
           "\"max_us\": %.2f, \"bad_status\": %llu, \"bad_length\": %llu, \"broken\": %llu, \"reopened\": %llu}\n",
        (unsigned long long)done, elapsed, histogram_quantile(&times, 0.5) / 1e3, histogram_quantile(&times, 0.99) / 1e3,
        histogram_quantile(&times, 0.999) / 1e3, (double)times.largest / 1e3, (unsigned long long)bad_status,
        (unsigned long long)bad_length, (unsigned long long)broken, (unsigned long long)reopened);
    fflush(stdout);
}

static void load_request(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    request = malloc(1 << 20);
    ssize_t n = fd < 0 || !request ? -1 : read(fd, request, 1 << 20);
    if (n <= 0) die("cannot read the request in %s: %s", path, strerror(errno));
    close(fd);
    request_length = (size_t)n;
}

static void read_options(int argc, char **argv) {
    static const struct option options[] = {{"to", 1, 0, 't'}, {"request", 1, 0, 'q'}, {"answer", 1, 0, 'a'},
        {"connections", 1, 0, 'n'}, {"in-flight", 1, 0, 'f'}, {"sources", 1, 0, 'o'}, {"rate", 1, 0, 'r'},
        {"seconds", 1, 0, 's'}, {"warmup", 1, 0, 'w'}, {"close", 0, 0, 'c'}, {0, 0, 0, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 't': target = address_of(optarg); break;
        case 'q': load_request(optarg); break;
        case 'a': answer_length = atoll(optarg); break;
        case 'n': count = (unsigned)atoi(optarg); break;
        case 'f': limit = (unsigned)atoi(optarg); break;
        case 'o': sources = (unsigned)atoi(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'w': warmup = atof(optarg); break;
        case 'c': closing = 1; break;
        default: exit(64);
        }
    }
    if (!request || !target.sin_port || answer_length < 0) die("load: --to, --request and --answer are needed");
    if (count < 1 || count > 100000 || seconds <= 0 || seconds > 600 || warmup < 0 || warmup > 60 || rate < 0)
        die("load: 1 to 100000 connections, up to 600 seconds, a rate above 0");
    if (limit == 0 || limit > count) limit = count;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL);  // a timetable in microseconds does not go with wake-ups 50 µs late
    read_options(argc, argv);
    queue = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc(count, sizeof *connections);
    resting = calloc(count, sizeof *resting);
    if (!connections || !resting) die("no memory for %u connections", count);
    for (unsigned i = 0; i < count; i++) {
        connections[i].fd = -1;
        rest(&connections[i]);
    }
    // A few at a time: the first requests are there to open connections, not to flood anything.
    unsigned wanted = limit;
    if (limit > 64) limit = 64;
    run(30, count, 0);
    if (done != count)
        die("load: %llu of %u first requests went well; %llu had a bad status, %llu a bad length, %llu a broken connection",
            (unsigned long long)done, count, (unsigned long long)bad_status, (unsigned long long)bad_length,
            (unsigned long long)broken);
    limit = wanted;
    if (warmup > 0) run(warmup, UINT64_MAX, 0);
    printf("ready\n");
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        double elapsed = run(seconds, rate > 0 ? (uint64_t)(rate * seconds) : UINT64_MAX, rate);
        report(elapsed);
    }
}
