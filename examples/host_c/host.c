// A program in C whose rules are scripts: it takes orders; what an order must
// be, what it costs and what stands around its own writes is said in Lua, and
// can be changed while it runs. A script that goes wild is stopped and does no
// harm.
//
//     host_c SCRIPTS [DATABASE]     the folder of the scripts beside this file
#include <stdio.h>
#include <string.h>

#include "host.h"

// One order on its way through the rules, for the function of its transaction.
typedef struct processing {
    const host_shop *shop;
    dbc_script *rules;
    host_order order;
    int64_t cents;
    dbc_error err;
} processing;

// The order as the scripts see it.
static int call_rule(processing *p, const char *rule, const char *signature,
                     void *result)
{
    const host_order *o = &p->order;
    const dbc_script_field fields[] = {
        {"customer", dbc_value_text(o->customer, strlen(o->customer)), NULL},
        {"product", dbc_value_text(o->product, strlen(o->product)), NULL},
        {"quantity", dbc_value_int(o->quantity), NULL},
        {"price", dbc_value_int(o->price), NULL},
        {"stock", dbc_value_int(o->stock), NULL}};
    const dbc_script_table table = {fields, 5};

    return dbc_script_call(p->rules, rule, &p->err, signature, &table, result);
}

// Inside the transaction: whatever fails undoes the whole order.
static int process(void *ud, dbc_txn *txn)
{
    processing *p = ud;
    const char *why = NULL;
    (void)txn;

    int rc = shop_find(&p->order, p->shop, &p->err);
    if (rc >= 0) rc = call_rule(p, "validate", "table>text?", &why);
    if (rc >= 0 && why != NULL)
        rc = shop_fail(&p->err, DBC_EVALIDATION, why, "");
    if (rc >= 0) rc = call_rule(p, "price", "table>integer", &p->cents);
    if (rc >= 0) rc = shop_write(p->shop, &p->order, p->cents, &p->err);
    return rc;
}

static int take_order(const host_shop *shop, dbc_script *rules,
                      const char *customer, const char *product,
                      int64_t quantity)
{
    processing p = {.shop = shop,
                    .rules = rules,
                    .order = {customer, product, quantity, 0, 0},
                    .err = DBC_ERROR_INIT};

    int rc = dbc_transaction(shop->conn, process, &p, NULL);
    if (rc < 0)
        printf("%s: %d %s refused: %s\n", customer, (int)quantity, product,
               p.err.code < 0 ? p.err.message
                              : dbc_conn_error(shop->conn)->message);
    else
        printf("%s: %d %s for %.2f\n", customer, (int)quantity, product,
               (double)p.cents / 100);
    return rc;
}

// notify(text, number): the one thing that a rule may do outside of the
// database.
static int notify(dbc_script_args *args, void *ud)
{
    dbc_value what = dbc_script_arg(args, 0);
    dbc_value left = dbc_script_arg(args, 1);

    fprintf(ud, "  note: %.*s, %d left\n", (int)what.len, what.as.text,
            (int)left.as.i);
    return DBC_OK;
}

static const char *path_of(const char *folder, const char *name)
{
    static char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

// A VM with the host's function in it, and one script loaded.
static int open_rules(dbc_script **out, const host_shop *shop, const char *path,
                      const dbc_script_limits *limits, dbc_error *err)
{
    dbc_script *vm = NULL;

    int rc = dbc_script_open(&vm, shop->conn, DBC_SCRIPT_SANDBOX, limits, err);
    if (rc >= 0)
        rc = dbc_script_register_typed(vm, "notify", "text,integer>", notify,
                                       stdout, err);
    if (rc >= 0) rc = dbc_script_load_file(vm, path, err);
    if (rc < 0)
        dbc_script_close(vm);
    else
        *out = vm;
    return rc;
}

// From now on the repository in Lua stands around each write of this program to
// its products, whoever makes it.
static int hold_stock(dbc_script *rules, const char *folder, dbc_error *err)
{
    int rc = dbc_script_load_file(rules, path_of(folder, "stock.lua"), err);

    return rc < 0 ? rc : dbc_script_repository(rules, "Products", err);
}

// A write that a hook refuses.
static void raise_price(const host_shop *shop, int64_t price)
{
    const dbc_column *column = dbc_table_column(shop->products, 1);
    dbc_query *update = dbc_query_new(NULL);

    if (update == NULL) return;
    dbc_query_update(update, shop->products);
    dbc_query_set(update, column, dbc_expr_value(update, dbc_value_int(price)));
    dbc_query_everywhere(update);
    if (dbc_query_run(NULL, shop->conn, update, NULL) < 0)
        printf("all for %.2f: %s\n", (double)price / 100,
               dbc_conn_error(shop->conn)->message);
    dbc_query_free(update);
}

static void take_some_orders(const host_shop *shop, dbc_script *rules)
{
    take_order(shop, rules, "Ada", "bolt", 40);
    take_order(shop, rules, "Bob", "hammer", 2);
    take_order(shop, rules, "Cid", "saw", 5);
    take_order(shop, rules, "Cid", "anvil", 1);
}

// New rules take the place of the old ones only when they load to their end.
static int change_rules(const host_shop *shop, dbc_script *rules,
                        const char *folder, dbc_error *err)
{
    static const char broken[] = "function price(order) return order. end";
    char text[4096];
    size_t len = 0;

    int rc = dbc_script_reload(rules, path_of(folder, "rules.lua"), broken,
                               strlen(broken), err);
    printf("broken rules: %s\n", rc < 0 ? err->message : "taken?");
    take_order(shop, rules, "Ada", "bolt", 10);

    FILE *file = fopen(path_of(folder, "sale.lua"), "r");
    if (file != NULL) {
        len = fread(text, 1, sizeof text, file);
        fclose(file);
    }
    rc = dbc_script_reload(rules, path_of(folder, "rules.lua"), text, len, err);
    if (rc >= 0) take_order(shop, rules, "Bob", "hammer", 2);
    return rc;
}

// It has a VM of its own with tight limits, and is thrown away with it.
static int survive(const host_shop *shop, const char *folder, dbc_error *err)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script *vm = NULL;

    limits.instructions = 1000000;
    limits.time_ms = 1000;
    int rc = open_rules(&vm, shop, path_of(folder, "rules.lua"), &limits, err);
    if (rc >= 0)
        rc = dbc_script_load_file(vm, path_of(folder, "hostile.lua"), err);
    if (rc >= 0) take_order(shop, vm, "Eve", "bolt", 1);
    dbc_script_close(vm);
    return rc;
}

static int report(dbc_script *rules, const char *folder, dbc_error *err)
{
    const char *text = NULL;

    int rc = dbc_script_load_file(rules, path_of(folder, "report.lua"), err);
    if (rc >= 0) rc = dbc_script_call(rules, "report", err, ">text", &text);
    if (rc >= 0) printf("%s\n", text);
    return rc;
}

int main(int argc, char **argv)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_script *rules = NULL;
    host_shop shop = {0};

    if (argc < 2) {
        fprintf(stderr, "usage: %s SCRIPTS [DATABASE]\n", argv[0]);
        return 2;
    }
    int rc = shop_open(&shop, argc > 2 ? argv[2] : ":memory:", &err);
    if (rc >= 0)
        rc = open_rules(&rules, &shop, path_of(argv[1], "rules.lua"), NULL,
                        &err);
    if (rc >= 0) rc = hold_stock(rules, argv[1], &err);
    if (rc >= 0) take_some_orders(&shop, rules);
    if (rc >= 0) raise_price(&shop, 2000);
    if (rc >= 0) rc = change_rules(&shop, rules, argv[1], &err);
    if (rc >= 0) rc = survive(&shop, argv[1], &err);
    if (rc >= 0) rc = report(rules, argv[1], &err);
    if (rc < 0) fprintf(stderr, "%s\n", err.message);

    dbc_script_close(rules);
    shop_close(&shop);
    return rc < 0;
}
