// A pool of VMs. Under the lock are only the list and a counter: opening,
// closing and binding a VM happens outside of it.
#include <pthread.h>
#include <string.h>

#include "dbcore_driver.h"
#include "vm.h"

enum { IDLE = 4 };

struct dbc_script_pool {
    dbc_script_pool_options options;
    const dbc_alloc *alloc;
    pthread_mutex_t lock;
    int count; // idle ones
    dbc_script *idle[];
};

static size_t size_of(int idle)
{
    return sizeof(dbc_script_pool) + (size_t)idle * sizeof(dbc_script *);
}

int dbc_script_pool_open(dbc_script_pool **out,
                         const dbc_script_pool_options *options, dbc_error *err)
{
    const dbc_alloc *alloc = vm_alloc_of(&options->limits);
    int idle = options->idle > 0 ? options->idle : IDLE;
    dbc_script_pool *pool;

    *out = NULL;
    if (options->idle < 0 || options->idle > 4096)
        return dbc_error_set(err, DBC_EINVALID,
                             "a pool keeps 1 to 4096 idle script VMs, or 0 "
                             "for the default; got %d",
                             options->idle);
    pool = alloc->resize(alloc->ud, NULL, 0, size_of(idle));
    if (!pool) return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    memset(pool, 0, size_of(idle));
    pool->options = *options;
    pool->options.idle = idle;
    pool->alloc = alloc;
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        alloc->resize(alloc->ud, pool, size_of(idle), 0);
        return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    }
    *out = pool;
    return DBC_OK;
}

static dbc_script *take_idle(dbc_script_pool *pool)
{
    dbc_script *vm = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->count > 0) vm = pool->idle[--pool->count];
    pthread_mutex_unlock(&pool->lock);
    return vm;
}

// Returns 0 when there is no room.
static int put_idle(dbc_script_pool *pool, dbc_script *vm)
{
    int fits;

    pthread_mutex_lock(&pool->lock);
    fits = pool->count < pool->options.idle;
    if (fits) pool->idle[pool->count++] = vm;
    pthread_mutex_unlock(&pool->lock);
    return fits;
}

int dbc_script_pool_acquire(dbc_script **out, dbc_script_pool *pool,
                            dbc_conn *conn, dbc_error *err)
{
    const dbc_script_pool_options *options = &pool->options;
    dbc_script *vm = take_idle(pool);
    int rc = DBC_OK;

    *out = NULL;
    if (!vm) {
        rc =
            dbc_script_open(&vm, NULL, options->profile, &options->limits, err);
        if (rc == DBC_OK && options->set_up)
            rc = options->set_up(options->set_up_ud, vm, err);
    }
    if (rc >= 0) rc = vm_bind(vm, conn, err);
    if (rc < 0) {
        dbc_script_close(vm);
        return rc;
    }
    vm->failed = 0;
    *out = vm;
    return DBC_OK;
}

void dbc_script_pool_release(dbc_script_pool *pool, dbc_script *vm)
{
    dbc_error ignored;

    if (!vm) return;
    if (vm->failed || vm->is_kept || !dbc_script_is_alive(vm) ||
        vm_bind(vm, NULL, &ignored) < 0 || !put_idle(pool, vm))
        dbc_script_close(vm);
}

void dbc_script_pool_close(dbc_script_pool *pool)
{
    const dbc_alloc *alloc;

    if (!pool) return;
    alloc = pool->alloc;
    while (pool->count > 0)
        dbc_script_close(pool->idle[--pool->count]);
    pthread_mutex_destroy(&pool->lock);
    alloc->resize(alloc->ud, pool, size_of(pool->options.idle), 0);
}
