/**
 * The version, as text and as a number: of the headers and of the library that
 * is linked. Every other place takes it from the three numbers here.
 */
#ifndef DBCORE_VERSION_H
#define DBCORE_VERSION_H

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DBC_VERSION_MAJOR 0
#define DBC_VERSION_MINOR 1
#define DBC_VERSION_PATCH 0

#define DBC_VERSION_JOIN(a, b, c) #a "." #b "." #c
#define DBC_VERSION_TEXT(a, b, c) DBC_VERSION_JOIN(a, b, c)

/** The version as text, such as "0.1.0". */
#define DBC_VERSION \
    DBC_VERSION_TEXT(DBC_VERSION_MAJOR, DBC_VERSION_MINOR, DBC_VERSION_PATCH)

/** One number that grows with each release: 10203 is 1.2.3. */
#define DBC_VERSION_NUMBER \
    (DBC_VERSION_MAJOR * 10000 + DBC_VERSION_MINOR * 100 + DBC_VERSION_PATCH)

/** The version of the library that is linked, such as "0.1.0". Static. */
DBC_API const char *dbc_version(void);

/** The same as DBC_VERSION_NUMBER was when the library was built. */
DBC_API int dbc_version_number(void);

#ifdef __cplusplus
}
#endif

#endif
