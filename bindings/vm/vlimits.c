// Counting, and stopping for good.
#include "vlimits.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "dbcore_driver.h"

enum {
    // Work between two looks at the clock, in instructions.
    LOOK_EVERY = 20000,
    // What a collection costs that the allocator forces by refusing.
    COLLECTION = 200000,
    MS = 1000000 // nanoseconds
};

int64_t vlimits_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// -------------------------------------------------------------------- filling

static int take(int64_t *out, int64_t given, int64_t standard, const char *name,
                dbc_error *err)
{
    if (given < DBC_SCRIPT_UNLIMITED)
        return dbc_error_set(err, DBC_EINVALID,
                             "the limit \"%s\" is a number from 0, or -1 for "
                             "none; got %" PRId64,
                             name, given);
    *out = given == 0 ? standard : given;
    if (*out == DBC_SCRIPT_UNLIMITED) *out = INT64_MAX;
    return DBC_OK;
}

int vlimits_fill(dbc_script_limits *out, const dbc_script_limits *given,
                 dbc_script_profile profile, dbc_error *err)
{
    dbc_script_limits asked = DBC_SCRIPT_LIMITS_DEFAULT;
    int none = profile == DBC_SCRIPT_TRUSTED;

    if (given) asked = *given;
    *out = asked;
    const struct {
        int64_t *out, given, standard;
        const char *name;
    } all[] = {
        {&out->memory, asked.memory, 64 << 20, "memory"},
        {&out->instructions, asked.instructions, 50000000, "instructions"},
        {&out->time_ms, asked.time_ms, 5000, "time_ms"},
        {&out->rows, asked.rows, 1000000, "rows"},
        {&out->text_len, asked.text_len, 16 << 20, "text_len"},
        {&out->pattern, asked.pattern, 50000000, "pattern"},
        {&out->output, asked.output, 1 << 20, "output"},
        {&out->statements, asked.statements, 64, "statements"},
        {&out->depth, asked.depth, 8, "depth"},
        {&out->scripts, asked.scripts, 64, "scripts"},
        {&out->source_len, asked.source_len, 1 << 20, "source_len"},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int64_t standard = none ? INT64_MAX : all[i].standard;
        int rc = take(all[i].out, all[i].given, standard, all[i].name, err);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// ------------------------------------------------------------------- stopping

// Looks again at the very next instruction.
static void on_count(lua_State *L, lua_Debug *activation);

void vlimits_hurry(dbc_script *vm)
{
    lua_State *running = vm->running;

    if (running) lua_sethook(running, on_count, LUA_MASKCOUNT, 1);
    if (running && running != vm->L && !vm->is_counted)
        lua_sethook(vm->L, on_count, LUA_MASKCOUNT, 1);
}

void vlimits_kill(dbc_script *vm, vm_death death)
{
    if (vm->death == VM_ALIVE) vm->death = death;
    vlimits_hurry(vm);
}

// Whether the run has to end, by the clock or by somebody else.
static int is_over(dbc_script *vm)
{
    vm->unseen = 0;
    if (vm->death != VM_ALIVE) return 1;
    if (atomic_load_explicit(&vm->cancelled, memory_order_relaxed))
        vlimits_kill(vm, VM_CANCELLED);
    else if (vm->deadline_ns != 0 && vlimits_now() >= vm->deadline_ns)
        vlimits_kill(vm, VM_OUT_OF_TIME);
    return vm->death != VM_ALIVE;
}

static const char *say(vm_death death)
{
    switch (death) {
    case VM_OUT_OF_MEMORY:
        return "memory limit exceeded";
    case VM_OUT_OF_INSTRUCTIONS:
        return "instruction limit exceeded";
    case VM_OUT_OF_TIME:
        return "time limit exceeded";
    case VM_OUT_OF_PATTERN:
        return "pattern step limit exceeded";
    case VM_OUT_OF_OUTPUT:
        return "output limit exceeded";
    case VM_CANCELLED:
        return "the script was cancelled";
    case VM_PRINT_FAILED:
        return "the output of the script could not be written";
    case VM_UNGUARDED:
        return "the connection could not be put under its guard";
    case VM_ALIVE:
        break;
    }
    return "the script is stopped";
}

int vlimits_raise(lua_State *L)
{
    // What closes its variables now is stopped at its first instruction.
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    lua_pushstring(L, say(vm_of(L)->death));
    return lua_error(L);
}

static void on_count(lua_State *L, lua_Debug *activation)
{
    dbc_script *vm = vm_of(L);

    (void)activation;
    vm->fuel -= VLIMITS_STEP;
    if (vm->fuel < 0) vlimits_kill(vm, VM_OUT_OF_INSTRUCTIONS);
    if (is_over(vm)) vlimits_raise(L);
}

void vlimits_spend(lua_State *L, int64_t work)
{
    dbc_script *vm = vm_of(L);

    vm->fuel -= work;
    vm->unseen += work;
    if (vm->fuel < 0 && vm->is_counted)
        vlimits_kill(vm, VM_OUT_OF_INSTRUCTIONS);
    if (vm->death != VM_ALIVE) vlimits_raise(L);
    if (vm->unseen >= LOOK_EVERY && is_over(vm)) vlimits_raise(L);
}

void vlimits_check_text(lua_State *L, size_t len)
{
    const dbc_script *vm = vm_of(L);

    if (len > (uint64_t)vm->limits.text_len)
        luaL_error(L, "string length limit exceeded: %d bytes at most",
                   (int)vm->limits.text_len);
}

// --------------------------------------------------------------------- memory

static int is_too_much(const dbc_script *vm, size_t old_size, size_t new_size)
{
    return (uint64_t)(vm->memory - old_size) + new_size >
           (uint64_t)vm->own_memory;
}

// Lua collects all garbage and asks once more. One that lives at the very edge
// makes it do so again and again, inside of few instructions.
static void count_refusal(dbc_script *vm)
{
    vm->is_refused = 1;
    vm->fuel -= COLLECTION;
    if (vm->depth == 0 || !vm->is_counted) return;
    if (vm->fuel < 0) vlimits_kill(vm, VM_OUT_OF_INSTRUCTIONS);
    (void)is_over(vm);
}

// Filling memory costs time that no instruction tells of.
static void count_growth(dbc_script *vm, size_t size)
{
    vm->fuel -= (int64_t)(size / 64);
    vm->unseen += (int64_t)(size / 64);
    if (vm->unseen >= LOOK_EVERY && vm->depth > 0 && vm->is_counted)
        (void)is_over(vm);
}

void *vlimits_alloc(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    dbc_script *vm = ud;
    void *block;

    if (!ptr) old_size = 0; // then it tells a type
    if (new_size > old_size && is_too_much(vm, old_size, new_size)) {
        count_refusal(vm);
        return NULL;
    }
    if (new_size == 0 && !ptr) return NULL;
    block = vm->alloc->resize(vm->alloc->ud, ptr, old_size, new_size);
    if (!block && new_size > 0) return NULL;
    vm->memory = vm->memory - old_size + new_size;
    if (vm->memory > vm->memory_peak) vm->memory_peak = vm->memory;
    if (new_size > old_size + 1024) count_growth(vm, new_size - old_size);
    return block;
}

// -------------------------------------------------------------------- the run

void vlimits_begin(dbc_script *vm)
{
    const dbc_script_limits *limits = &vm->limits;

    vm->fuel = limits->instructions;
    vm->pattern_left = limits->pattern;
    vm->output_left = limits->output;
    vm->unseen = 0;
    vm->is_refused = 0;
    if (!vm->is_counted) return;
    vm->started_ns = vlimits_now();
    vm->deadline_ns = 0;
    if (limits->time_ms < INT64_MAX / MS - vm->started_ns / MS)
        vm->deadline_ns = vm->started_ns + limits->time_ms * MS;
    lua_sethook(vm->L, on_count, LUA_MASKCOUNT, VLIMITS_STEP);
}

// -------------------------------------------------------------------- telling

void vlimits_describe(const dbc_script *vm, dbc_error *err)
{
    const dbc_script_limits *limits = &vm->limits;
    const char *what = say(vm->death);

    switch (vm->death) {
    case VM_OUT_OF_MEMORY:
        dbc_error_set(err, DBC_ELIMIT,
                      "%s: the script needs more than %" PRId64 " KiB", what,
                      limits->memory / 1024);
        break;
    case VM_OUT_OF_INSTRUCTIONS:
        dbc_error_set(err, DBC_ELIMIT,
                      "%s: the script did more than %" PRId64
                      " instructions' worth of work",
                      what, limits->instructions);
        break;
    case VM_OUT_OF_TIME:
        dbc_error_set(err, DBC_ELIMIT,
                      "%s: the script ran longer than %" PRId64 " ms", what,
                      limits->time_ms);
        break;
    case VM_OUT_OF_PATTERN:
        dbc_error_set(err, DBC_ELIMIT,
                      "%s: matching took more than %" PRId64 " steps", what,
                      limits->pattern);
        break;
    case VM_OUT_OF_OUTPUT:
        dbc_error_set(err, DBC_ELIMIT,
                      "%s: the script printed more than %" PRId64 " bytes",
                      what, limits->output);
        break;
    case VM_CANCELLED:
        dbc_error_set(err, DBC_EINTERRUPTED, "%s", what);
        break;
    case VM_PRINT_FAILED:
        dbc_error_set(err, DBC_EIO, "%s", what);
        break;
    case VM_UNGUARDED:
        dbc_error_set(err, DBC_EBROKEN, "%s", what);
        break;
    case VM_ALIVE:
        break;
    }
}
