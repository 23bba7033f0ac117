// Full text: what a search says, how well a row fits, what is shown of it.
#ifndef DBC_LSEARCH_H
#define DBC_LSEARCH_H

#include "lbox.h"

// Methods of columns of a full-text index: snippet, highlight.
extern const luaL_Reg lsearch_methods[];

// Adds match, bm25, snippet and match_words to the table `module`.
void lsearch_open(lua_State *L, int core, int module);

#endif
