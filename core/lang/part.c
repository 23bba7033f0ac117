// Names and expressions are judged by name.c and scan.c; this file puts their
// verdicts into the words of a description.
#include "part.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "name.h"
#include "scan.h"

const char *dbc__part_quote(dbc__part *out, const char *kind, const char *name)
{
    dbc__quoted quoted;

    if (name == NULL)
        snprintf(out->text, sizeof out->text, "%s %s",
                 strchr("aeio", kind[0]) != NULL ? "an" : "a", kind);
    else
        snprintf(out->text, sizeof out->text, "%s %s", kind,
                 dbc__quote(&quoted, name, strlen(name)));
    return out->text;
}

int dbc__part_equal(const char *a, const char *b)
{
    return dbc__name_equal(a, strlen(a), b, strlen(b));
}

int dbc__part_name(const char *name, const char *what, dbc_error *err)
{
    if (name == NULL || name[0] == '\0')
        return dbc__error_set(err, DBC_ESCHEMA,
                              "the %s is missing or empty: give one", what);

    int rc = dbc__name_check(name, strlen(name), what, err);
    if (rc < 0 && err != NULL) err->code = DBC_ESCHEMA;
    return rc < 0 ? DBC_ESCHEMA : DBC_OK;
}

int dbc__part_optional_name(const char *name, const char *what, dbc_error *err)
{
    return name == NULL ? DBC_OK : dbc__part_name(name, what, err);
}

int dbc__part_object_name(const char *name, const char *what, dbc_error *err)
{
    static const char RESERVED[] = "sqlite_";
    size_t len = sizeof RESERVED - 1;
    dbc__quoted quoted;

    int rc = dbc__part_name(name, what, err);
    if (rc < 0) return rc;
    if (strlen(name) < len || !dbc__name_equal(name, len, RESERVED, len))
        return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "the %s %s begins with \"sqlite_\", which SQLite "
                          "keeps for itself: choose another",
                          what, dbc__quote(&quoted, name, strlen(name)));
}

int dbc__part_expression(const char *text, const char *what, dbc_error *err)
{
    dbc__quoted quoted;

    const char *problem = text == NULL ? NULL : dbc__scan_expression(text);
    if (problem == NULL) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA, "%s %s %s", what,
                          dbc__quote(&quoted, text, strlen(text)), problem);
}

int dbc__part_conflict(dbc_conflict conflict, const char *what, dbc_error *err)
{
    if ((unsigned)conflict <= DBC_CONFLICT_REPLACE) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "%s has %d for its conflict clause, which is none",
                          what, (int)conflict);
}
