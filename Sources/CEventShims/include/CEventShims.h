#ifndef SWERVE_EVENT_SHIMS_H
#define SWERVE_EVENT_SHIMS_H

#include <features.h> /* before libevent's event-config.h defines _GNU_SOURCE */
#include <errno.h>
#include <linux/filter.h>
#include <malloc.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <event2/event.h>

/* Two pieces in one segment and one system call; the array of iovec is awkward to build in Swift. */
static inline ssize_t swerve_send_two(int fd, const void *first, size_t first_count,
                                      const void *second, size_t second_count, int flags) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    return sendmsg(fd, &message, flags);
}

/* SOCK_* are an enum and macros at once, which Swift imports differently beside libevent's headers. */
static inline int swerve_tcp_socket(int family) {
    int on = 1;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return descriptor;
}

/* IPPROTO_IPV6 is an enum and a macro at once. */
static inline int swerve_set_v6_only(int descriptor, int on) {
    return setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
}

/* Has the system give each new connection to one of `count` sockets that share the port of `descriptor`, from the one at
   `first` on, in the order they began to listen. sock_filter is filled by macros. */
static inline int swerve_steer_port(int descriptor, unsigned first, unsigned count) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(SKF_AD_OFF + SKF_AD_RANDOM)),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, first),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

/* Takes such a rule away again, whoever made it. */
static inline int swerve_unsteer_port(int descriptor) {
    int unused = 0;
    return setsockopt(descriptor, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &unused, sizeof unused);
}

/* Has a listening socket drop every segment that only begins a connection (SYN without ACK, byte 13 of the TCP header). */
static inline int swerve_ignore_new_clients(int descriptor) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* eventfd is not part of Swift's Glibc module. */
static inline int swerve_eventfd(int is_blocking) {
    return eventfd(0, EFD_CLOEXEC | (is_blocking ? 0 : EFD_NONBLOCK));
}

/* malloc.h is not part of Swift's Glibc module, and other C libraries than glibc give back by themselves. */
static inline void swerve_give_back_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/* The loop that runs on this thread; Swift has no thread-local variables. */
void swerve_set_current_loop(void *loop);
void *swerve_current_loop(void);

/* The number of processors the process may run on; cpu_set_t is made of macros. */
int swerve_allowed_processors(void);

#endif
