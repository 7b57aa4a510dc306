#ifndef SWERVE_FAULT_INJECTOR_H
#define SWERVE_FAULT_INJECTOR_H

/* Preloaded into a process, fails calls as the file says that this variable of the environment names: three 64-bit numbers for
 * each call in the order of FaultInjector.c (the error number, how many calls are still to fail, how many have). */
#define FAULT_INJECTOR_VARIABLE "FAULT_INJECTOR"

#endif
