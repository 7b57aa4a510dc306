#ifndef SWERVE_ALLOCATION_COUNTER_H
#define SWERVE_ALLOCATION_COUNTER_H

/* Preloaded into a process (LD_PRELOAD), this library counts every allocation the process makes. The number is the
 * first eight bytes of the file that this variable names, which must exist. */
#define ALLOCATION_COUNTER_VARIABLE "ALLOCATION_COUNTER"

#endif
