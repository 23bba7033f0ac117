// Edits are cuts and insertions at places that the parser has found. Commas
// go with what they separate.
#include "edit.h"

#include <string.h>

// `len` bytes from `start` on are replaced by `text`.
static void splice(dbc_buf *out, const char *sql, size_t start, size_t len,
                   const char *text)
{
    dbc_buf_add(out, sql, start);
    dbc_buf_add_string(out, text);
    dbc_buf_add_string(out, sql + start + len);
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Cuts a part of a list with the comma behind it, or else the one before.
static void cut(dbc_buf *out, const char *sql, dbc__span part)
{
    size_t start = (size_t)(part.text - sql);
    size_t end = start + part.len;
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, sql + end, strlen(sql + end));
    if (dbc__tokens_is_char(&tokens, ',')) {
        end = (size_t)(tokens.token.text + 1 - sql);
        while (is_blank(sql[end]))
            end++;
    } else {
        while (start > 0 && is_blank(sql[start - 1]))
            start--;
        if (start > 0 && sql[start - 1] == ',') start--;
    }
    splice(out, sql, start, end - start, "");
}

void dbc__edit_add_column(dbc_buf *out, const char *sql,
                          const dbc__shape *shape, const char *definition)
{
    dbc_buf_add(out, sql, shape->columns_end);
    dbc_buf_add_string(out, ", ");
    dbc_buf_add_string(out, definition);
    dbc_buf_add_string(out, sql + shape->columns_end);
}

void dbc__edit_drop_column(dbc_buf *out, const char *sql,
                           const dbc__shape *shape, const dbc__column *column)
{
    (void)shape;
    cut(out, sql, column->text);
}

void dbc__edit_change_column(dbc_buf *out, const char *sql,
                             const dbc__column *column, const char *definition)
{
    splice(out, sql, (size_t)(column->text.text - sql), column->text.len,
           definition);
}

void dbc__edit_add_constraint(dbc_buf *out, const char *sql,
                              const dbc__shape *shape, const char *definition)
{
    size_t end = shape->body_end;

    while (end > 0 && is_blank(sql[end - 1]))
        end--;
    dbc_buf_add(out, sql, end);
    // A comment to the end of its line must not swallow what is added.
    dbc_buf_add_string(out, ",\n  ");
    dbc_buf_add_string(out, definition);
    dbc_buf_add_string(out, "\n");
    dbc_buf_add_string(out, sql + shape->body_end);
}

void dbc__edit_constraint(dbc_buf *out, const char *sql,
                          const dbc__clause *clause, const char *definition)
{
    if (definition)
        splice(out, sql, (size_t)(clause->text.text - sql), clause->text.len,
               definition);
    else
        cut(out, sql, clause->text);
}

void dbc__edit_options(dbc_buf *out, const char *sql, const dbc__shape *shape,
                       const char *options)
{
    dbc_buf_add(out, sql, shape->body_end + 1);
    if (*options) dbc_buf_add_string(out, " ");
    dbc_buf_add_string(out, options);
}
