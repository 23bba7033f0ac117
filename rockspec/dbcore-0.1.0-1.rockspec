-- dbcore for LuaRocks: the module and dbscript, built from the tree this file lies in.
--
--   luarocks --lua-version=5.4 make rockspec/dbcore-0.1.0-1.rockspec
--
-- CMake says what it misses. argparse becomes a part of dbscript while that is built, from
-- wherever it is installed, so it is no dependency of the rock.
rockspec_format = "3.0"
package = "dbcore"
version = "0.1.0-1"
source = {
  url = "git+file://.",
}
description = {
  summary = "A data layer over SQLite",
  detailed = [[
Tables are described once, queries are immutable values checked against that description, values
come back as what they were, and whatever goes wrong is raised.]],
  license = "MIT",
}
supported_platforms = { "unix" }
dependencies = {
  "lua ~> 5.4",
}
external_dependencies = {
  SQLITE = { header = "sqlite3.h" },
  JANSSON = { header = "jansson.h" },
}
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    CMAKE_INSTALL_BINDIR = "$(BINDIR)",
    DBCORE_LUA_DIR = "$(LUADIR)",
    DBCORE_LUA_CDIR = "$(LIBDIR)",
    DBCORE_SHARED = "OFF",
    DBCORE_SPECS = "OFF",
  },
}
