#define _GNU_SOURCE /* sched_getaffinity */
#include <sched.h>

#include "CEventShims.h"

int swerve_allowed_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static _Thread_local void *current_loop;

void swerve_set_current_loop(void *loop) { current_loop = loop; }

void *swerve_current_loop(void) { return current_loop; }
