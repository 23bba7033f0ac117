#include "counted.h"

#include "spec.h"

static void tells_who_was_the_only_owner(void **state)
{
    dbc__counted counted;

    (void)state;
    dbc__counted_init(&counted);

    assert_true(dbc__counted_release(&counted));
}

static void tells_the_last_of_several_owners(void **state)
{
    dbc__counted counted;
    const dbc__counted *shared = &counted;

    (void)state;
    dbc__counted_init(&counted);
    dbc__counted_retain(shared);
    dbc__counted_retain(shared);

    assert_false(dbc__counted_release(shared));
    assert_false(dbc__counted_release(shared));
    assert_true(dbc__counted_release(shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_who_was_the_only_owner),
        cmocka_unit_test(tells_the_last_of_several_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
