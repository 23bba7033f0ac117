#include "finding.h"
int dbc__finding_before(dbc__planner *p)
{
    (void)p;
    return 0;
}
int dbc__finding_after(dbc__planner *p)
{
    (void)p;
    return 0;
}
