// Every migration of spec/migrate/cases, interrupted at one write, sync,
// truncation or deletion after the other: once as if the process had been
// killed there, once as if the power had gone. Whoever opens the file next
// must find it as before or as after, to the last byte that can be seen, and
// the next run must finish. What was reported as done is done.
//
// usage: campaign_cases FOLDER STEP [PART OF A NAME]
// STEP 1 is every call with a journal and with a log; a longer one grows from
// call to call, and goes on to the next mode with each case.
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "disk.h"

enum { MOST_CALLS = 100000, MOST_TOLD = 20 };

static const char path[] = "/app.db";

typedef enum end { KILLED, DARK, END_COUNT } end;

typedef struct migration {
    const char *name; // of its folder
    const char *mode; // of the journal
    text meta, before, target;
    hints hints;
    text first, last; // what is seen when nothing went wrong
} migration;

static struct {
    long step;     // to the second call, or 1: every call
    long runs;     // that were interrupted
    long finished; // of these, found as after
    long failures;
    int cases;
} tally;

// ---------------------------------------------------------------------- cases

static void complain(const migration *m, long call, end how, const char *what,
                     const char *why)
{
    if (++tally.failures > MOST_TOLD) return;
    printf("   %s, %s, %s at call %ld: %s%s%.200s\n", m->name, m->mode,
           how == KILLED ? "killed" : "without power", call, what,
           why[0] != '\0' ? ": " : "", why);
}

static int says(const migration *m, const char *word)
{
    return strstr(m->meta.data, word) != NULL;
}

// The file as the case makes it, safely on the disk, random bytes included.
static void lay(const migration *m)
{
    disk_erase();
    sqlite3_randomness(0, NULL); // begins anew
    free(case_ask(path, m->before.data).data);
    if (strcmp(m->mode, "wal") == 0)
        free(case_ask(path, "PRAGMA journal_mode = wal").data);
    disk_settle();
}

static int run(const migration *m, const hints *h, dbc_error *err)
{
    size_t steps;

    return case_migrate(path, m->target.data, h, &steps, err);
}

static int is_same(const text *a, const text *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

// --------------------------------------------------------------- interruptions

static void check_sound(const migration *m, long call, end how)
{
    text said = case_ask(path, "PRAGMA integrity_check");

    if (strcmp(said.data, "ok\n") != 0)
        complain(m, call, how, "is damaged", said.data);
    free(said.data);
}

// The hints that name what is gone by then are not given again.
static void check_finishes(const migration *m, long call, end how, int is_last)
{
    dbc_error err = DBC_ERROR_INIT;

    if (run(m, is_last ? NULL : &m->hints, &err) < 0)
        complain(m, call, how, "the next run does not finish", err.message);
    text now = case_dump(path);
    if (!is_same(&now, &m->last))
        complain(m, call, how, "the next run ends elsewhere", "");
    free(now.data);
}

static void judge(const migration *m, long call, end how, int rc)
{
    text found = case_dump(path);
    int is_last = is_same(&found, &m->last);

    if (!is_last && !is_same(&found, &m->first))
        complain(m, call, how, "neither before nor after", "");
    else if (rc >= 0 && !is_last)
        complain(m, call, how, "reported, and not done", "");
    check_sound(m, call, how);
    check_finishes(m, call, how, is_last);
    tally.finished += is_last;
    free(found.data);
}

// Returns whether the call was reached.
static int interrupt(const migration *m, long call, end how)
{
    dbc_error err = DBC_ERROR_INIT;

    lay(m);
    disk_cut_after(call);
    int rc = run(m, &m->hints, &err);
    int reached = disk_is_dead();
    if (how == KILLED)
        disk_resume();
    else
        disk_restore();
    if (!reached) return 0;
    tally.runs++;
    judge(m, call, how, rc);
    return 1;
}

// Cases begin at different calls, and strides grow: the short form meets all
// kinds of calls, and does not stay with a case that makes thousands.
static void walk(const migration *m)
{
    long first = 1 + tally.cases % tally.step;

    for (int how = KILLED; how < END_COUNT; how++) {
        long call = first;
        while (call < MOST_CALLS && interrupt(m, call, (end)how))
            call += tally.step > 1 ? tally.step + call : 1;
    }
}

// Nothing goes wrong, to learn what there is to be seen.
static int learn(migration *m)
{
    dbc_error err = DBC_ERROR_INIT;

    lay(m);
    m->first = case_dump(path);
    int rc = run(m, &m->hints, &err);
    m->last = case_dump(path);
    if (rc < 0) complain(m, 0, KILLED, "is not migrated at all", err.message);
    return rc >= 0;
}

static void run_mode(migration *m, const char *mode)
{
    m->mode = mode;
    if (learn(m)) walk(m);
    free(m->first.data);
    free(m->last.data);
}

static void run_case(const char *root, const char *name)
{
    char folder[1024];
    migration m = {.name = name};

    snprintf(folder, sizeof folder, "%s/%s", root, name);
    m.meta = case_read(folder, "meta.json");
    m.before = case_read(folder, "before.sql");
    m.target = case_read(folder, "target.sql");
    if (says(&m, "\"outcome\": \"migrate\"")) {
        case_read_hints(&m.hints, m.meta.data);
        if (tally.step == 1 || tally.cases % 2 == 0) run_mode(&m, "delete");
        if (tally.step == 1 || tally.cases % 2 == 1) run_mode(&m, "wal");
        case_drop_hints(&m.hints);
        tally.cases++;
    }
    free(m.meta.data);
    free(m.before.data);
    free(m.target.data);
}

static int is_case(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;

    tally.step = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (tally.step < 1) {
        fprintf(stderr, "usage: campaign_cases FOLDER STEP [NAME]\n");
        return 2;
    }
    disk_install(1);
    sqlite3_vfs_register(sqlite3_vfs_find(DISK_VFS), 1);
    int count = scandir(argv[1], &entries, is_case, alphasort);
    for (int i = 0; i < count; i++) {
        if (argc < 4 || strstr(entries[i]->d_name, argv[3]))
            run_case(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%d cases interrupted %ld times, %ld found as after, %ld failures\n",
           tally.cases, tally.runs, tally.finished, tally.failures);
    return tally.failures > 0 || tally.cases == 0;
}
