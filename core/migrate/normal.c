// Writing normal forms. The order in which constraints stand means nothing to
// the database, so they are sorted; what holds without being said is left out.
#include "normal.h"

#include <stdlib.h>
#include <string.h>

#include "name.h"

// The literal in the brackets of DEFAULT (0), which mean nothing there. No
// name: in brackets and without them it is something else.
static int is_literal(const dbc__span *body, dbc__span *inside)
{
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, body->text, body->len);
    if (!dbc__tokens_is_char(&tokens, '(')) return 0;
    dbc__tokens_skip_brackets(&tokens, inside);
    dbc__tokens_init(&tokens, inside->text, inside->len);
    dbc__tokens value = tokens;
    int has_sign = dbc__tokens_take_char(&value, '-') ||
                   dbc__tokens_take_char(&value, '+');
    int is_text =
        value.token.kind == DBC__TOKEN_QUOTED && value.token.text[0] == '\'';
    if (!dbc__tokens_is_number(&value) &&
        (has_sign || (!is_text && !dbc__tokens_is(&value, "NULL"))))
        return 0;
    dbc__tokens_skip_literal(&tokens);
    return dbc__tokens_done(&tokens);
}

static void add_constraint_name(dbc_buf *out, const dbc__clause *clause)
{
    if (!clause->name) return;
    dbc_buf_add_string(out, "constraint ");
    dbc_buf_add_string(out, clause->name);
    dbc_buf_add_string(out, " ");
}

// GENERATED ALWAYS and VIRTUAL may be said or not.
static void add_generated(dbc_buf *out, const dbc__clause *clause)
{
    add_constraint_name(out, clause);
    dbc_buf_add_string(out, "as (");
    dbc__normalise(out, clause->body.text, clause->body.len);
    dbc_buf_add_string(out, clause->stored ? ") stored" : ") virtual");
}

// So may the brackets around a literal.
static void add_default(dbc_buf *out, const dbc__clause *clause)
{
    dbc__span inside;

    if (!is_literal(&clause->body, &inside)) {
        dbc__normalise(out, clause->text.text, clause->text.len);
        return;
    }
    add_constraint_name(out, clause);
    dbc_buf_add_string(out, "default ");
    dbc__normalise(out, inside.text, inside.len);
}

// Leaves out of a foreign key's normal form what holds without being said.
static void drop_usual(char *normal)
{
    static const char *const usual[] = {
        " on delete no action", " on update no action",
        " not deferrable initially immediate", " not deferrable",
        " initially immediate"};

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        char *place = strstr(normal, usual[i]);
        size_t len = strlen(usual[i]);

        if (place) memmove(place, place + len, strlen(place + len) + 1);
    }
}

const char *dbc__normal_clause(dbc__arena *arena, const dbc__clause *clause)
{
    char *normal = NULL;
    dbc_buf buf;

    dbc__buf_init(&buf, arena->alloc);
    if (clause->kind == DBC__CLAUSE_GENERATED)
        add_generated(&buf, clause);
    else if (clause->kind == DBC__CLAUSE_DEFAULT)
        add_default(&buf, clause);
    else
        dbc__normalise(&buf, clause->text.text, clause->text.len);
    if (buf.status == DBC_OK)
        normal = dbc__arena_copy(arena, buf.data ? buf.data : "", buf.len);
    dbc__buf_dispose(&buf);
    if (normal && clause->kind == DBC__CLAUSE_FOREIGN_KEY) drop_usual(normal);
    return normal;
}

static int by_normal_form(const void *a, const void *b)
{
    const dbc__clause *const *left = a, *const *right = b;

    return strcmp((*left)->normal, (*right)->normal);
}

// Adds the normal forms of a chain of clauses, sorted.
static int add_sorted(dbc_buf *out, const dbc__clause *first,
                      const char *separator, dbc__arena *arena)
{
    const dbc__clause **sorted;
    size_t count = 0;

    for (const dbc__clause *each = first; each; each = each->next)
        count++;
    if (count == 0) return DBC_OK;
    sorted = dbc__arena_take_array(arena, count, sizeof *sorted);
    if (!sorted) return DBC_ENOMEM;
    count = 0;
    for (const dbc__clause *each = first; each; each = each->next)
        sorted[count++] = each;
    qsort(sorted, count, sizeof *sorted, by_normal_form);
    for (size_t i = 0; i < count; i++) {
        dbc_buf_add_string(out, separator);
        dbc_buf_add_string(out, sorted[i]->normal);
    }
    return DBC_OK;
}

const char *dbc__normal_column(const dbc__column *column, dbc__arena *arena)
{
    const char *normal = NULL;
    dbc_buf buf;

    dbc__buf_init(&buf, arena->alloc);
    dbc_buf_add_string(&buf, column->name);
    dbc_buf_add_string(&buf, "\n");
    dbc__normalise(&buf, column->type.text, column->type.len);
    if (add_sorted(&buf, column->clauses, " ", arena) == DBC_OK &&
        buf.status == DBC_OK)
        normal = dbc__arena_copy(arena, buf.data, buf.len);
    dbc__buf_dispose(&buf);
    return normal;
}

const char *dbc__normal_shape(const dbc__shape *shape, dbc__arena *arena)
{
    const char *normal = NULL;
    dbc_buf buf;

    dbc__buf_init(&buf, arena->alloc);
    for (size_t i = 0; i < shape->column_count; i++) {
        dbc_buf_add_string(&buf, i == 0 ? "" : "\n,");
        dbc_buf_add_string(&buf, shape->columns[i].normal);
    }
    if (add_sorted(&buf, shape->clauses, "\n;", arena) < 0)
        buf.status = DBC_ENOMEM;
    if (shape->strict) dbc_buf_add_string(&buf, "\nstrict");
    if (shape->without_rowid) dbc_buf_add_string(&buf, "\nwithout rowid");
    if (buf.status == DBC_OK)
        normal = dbc__arena_copy(arena, buf.data, buf.len);
    dbc__buf_dispose(&buf);
    return normal;
}

// A name that has lost its quotes already.
static void add_name(dbc_buf *out, const char *name)
{
    dbc__buf_add_char(out, '"');
    for (; *name; name++)
        dbc__buf_add_char(out, dbc__lower(*name));
    dbc__buf_add_char(out, '"');
}

const char *dbc__normal_index(const dbc__index *index, dbc__arena *arena)
{
    const char *normal = NULL;
    dbc_buf buf;

    dbc__buf_init(&buf, arena->alloc);
    dbc_buf_add_string(&buf, index->unique ? "unique index on " : "index on ");
    add_name(&buf, index->table);
    for (size_t i = 0; i < index->term_count; i++) {
        const dbc__term *term = &index->terms[i];
        dbc_buf_add_string(&buf, i ? "\n, " : "\n");
        dbc__normalise(&buf, term->text.text, term->text.len);
        if (term->collate) {
            dbc_buf_add_string(&buf, " collate ");
            add_name(&buf, term->collate);
        }
        if (term->descending) dbc_buf_add_string(&buf, " desc");
    }
    if (index->where.len) {
        dbc_buf_add_string(&buf, "\nwhere ");
        dbc__normalise(&buf, index->where.text, index->where.len);
    }
    if (buf.status == DBC_OK)
        normal = dbc__arena_copy(arena, buf.data, buf.len);
    dbc__buf_dispose(&buf);
    return normal;
}
