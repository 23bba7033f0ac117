# Writes the C file that holds Lua modules as byte arrays. Run as a script:
#
#   cmake -DOUTPUT=file.c -DSOURCES=vmodule_sources -DMODULES="name|chunk|path;…"
#         -P embed.cmake
#
# `SOURCES` names the list; of a module, `name` is what require() is given, and
# `chunk` the file name in messages. The arrays end with a 0 that their size
# does not count, so that an empty file is still valid C.
set(arrays "")
set(entries "")
set(number 0)

foreach(module IN LISTS MODULES)
  string(REPLACE "|" ";" parts "${module}")
  list(GET parts 0 name)
  list(GET parts 1 chunk)
  list(GET parts 2 path)

  file(READ "${path}" bytes HEX)
  # Lines of 24 bytes first: one regular expression a line is much faster
  # than one a byte, and compilers dislike endless lines.
  string(REGEX REPLACE "(................................................)"
         "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")

  string(APPEND arrays
    "static const unsigned char module_${number}[] = {\n${bytes}0};\n\n")
  string(APPEND entries
    "    {\"${name}\", \"@${chunk}\", module_${number}, "
    "sizeof module_${number} - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${OUTPUT}.new"
  "// Made by embed.cmake; do not edit.\n"
  "#include \"vmodule.h\"\n\n"
  "${arrays}"
  "const vmodule_source ${SOURCES}[] = {\n${entries}"
  "    {0, 0, 0, 0},\n};\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
