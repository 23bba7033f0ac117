// Posts in several forms, and the way from one description of what stands on
// them to the next: planned, carried out, and planned again, when nothing may
// be left to do.
#ifndef DBC_SPEC_REACH_H
#define DBC_SPEC_REACH_H

#include "define.h"
#include "sqlite_session.h"

// id, title, changes.
extern const dbc_column_def posts_plain[3];
// The same with rules that only a copy of the table can bring about.
extern const dbc_column_def posts_stricter[3];
// "title" is called "head".
extern const dbc_column_def posts_headed[3];
// Of a view: id, title.
extern const dbc_column_def posts_seen[2];

#define POSTS(of)                                                   \
    {                                                               \
        .name = "posts", .columns = (of), .column_count = COUNT(of) \
    }
#define WATCHED_POSTS(of, ...)                                       \
    {                                                                \
        .name = "posts", .columns = (of), .column_count = COUNT(of), \
        TRIGGERS(__VA_ARGS__)                                        \
    }
#define VIEW(called, text)                                         \
    {                                                              \
        .name = (called), .kind = DBC_VIEW, .columns = posts_seen, \
        .column_count = COUNT(posts_seen), .sql = (text)           \
    }
#define WRITABLE_VIEW(called, text, ...)                           \
    {                                                              \
        .name = (called), .kind = DBC_VIEW, .columns = posts_seen, \
        .column_count = COUNT(posts_seen), .sql = (text),          \
        TRIGGERS(__VA_ARGS__)                                      \
    }
#define TRIGGERS(...)                                   \
    .triggers = (const dbc_trigger_def[]){__VA_ARGS__}, \
    .trigger_count = COUNT(((const dbc_trigger_def[]){__VA_ARGS__}))

// A trigger that adds `by`, a text, to "changes" when a title changes.
#define COUNTING(by)                                                   \
    "AFTER UPDATE OF title ON posts BEGIN UPDATE posts SET changes = " \
    "changes + " by " WHERE id = new.id; END"

// Plans and carries out the way to these tables, whatever is lost. Returns
// what went wrong.
int reach_try(dbc_conn *conn, const dbc_table_def *defs, size_t count,
              const dbc_alloc *alloc);

// The same; the spec fails when it fails, or when the next plan is not empty.
#define REACH(conn, ...)                                \
    reach((conn), (const dbc_table_def[]){__VA_ARGS__}, \
          COUNT(((const dbc_table_def[]){__VA_ARGS__})))
void reach(dbc_conn *conn, const dbc_table_def *defs, size_t count);

// For fault walks: a database in memory that `sql` makes, brought to these
// tables and from there to the first of them alone. Returns DBC_OK or
// DBC_ENOMEM.
int reach_from(const char *sql, const dbc_table_def *defs, size_t count,
               const dbc_alloc *alloc);

// How many differences of that kind the last plan bridged.
int reach_bridged(dbc_difference_kind kind);

// Two posts, "red fox" and "owl", with no changes.
void reach_fill(dbc_conn *conn);

// All triggers in the order of creation, with blanks between. Good until the
// next question.
const char *reach_triggers(dbc_conn *conn);

#endif
