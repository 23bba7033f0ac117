/**
 * How a function of the library becomes visible outside of it. The other
 * headers begin with this one.
 */
#ifndef DBCORE_EXPORT_H
#define DBCORE_EXPORT_H

/** Stands before every function of the library that a program may call. */
#if defined(_WIN32)
#define DBC_API __declspec(dllexport)
#else
#define DBC_API __attribute__((visibility("default")))
#endif

#endif
