# Which SQLite is linked: the one of this system, or with
#
#   -DDBCORE_SQLITE=/folder/with/the/amalgamation
#
# sqlite3.c and sqlite3.h of that folder, which become part of the libraries
# and stay invisible to others in the process. Either is asked for what dbcore
# needs before anything is built.
#
# Makes the target dbcore_sqlite and sets for dbcore_library(), to what it is
# given: DBCORE_SQLITE_OBJECTS, DBCORE_SQLITE_MODULES, DBCORE_SQLITE_LINKS.
set(DBCORE_SQLITE "" CACHE PATH
  "A folder with SQLite's amalgamation to link instead of the system's SQLite")
set(DBCORE_SQLITE_OPTIONS "" CACHE STRING
  "More options to compile that with: SQLITE_ENABLE_RTREE;SQLITE_…")

# A connection is used by one thread at a time. Nothing that a program could
# miss is left out.
set(DBCORE_SQLITE_DEFINITIONS
  SQLITE_THREADSAFE=2 SQLITE_DQS=0 SQLITE_LIKE_DOESNT_MATCH_BLOBS
  SQLITE_USE_ALLOCA SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE
  SQLITE_ENABLE_COLUMN_METADATA SQLITE_ENABLE_DBSTAT_VTAB SQLITE_ENABLE_FTS5
  SQLITE_ENABLE_JSON1 SQLITE_ENABLE_MATH_FUNCTIONS SQLITE_ENABLE_RTREE
  SQLITE_ENABLE_STAT4 ${DBCORE_SQLITE_OPTIONS})

function(dbcore_sqlite_amalgamation)
  foreach(file IN ITEMS sqlite3.c sqlite3.h)
    if(NOT EXISTS ${DBCORE_SQLITE}/${file})
      message(FATAL_ERROR
        "DBCORE_SQLITE is ${DBCORE_SQLITE}, but there is no ${file}; name the "
        "folder of SQLite's amalgamation, as sqlite.org/download.html has it")
    endif()
  endforeach()
  file(STRINGS ${DBCORE_SQLITE}/sqlite3.h version
    REGEX "^#define SQLITE_VERSION_NUMBER +[0-9]+")
  string(REGEX REPLACE "^.* " "" version "${version}")
  if(NOT version GREATER_EQUAL 3037000)
    file(STRINGS ${DBCORE_SQLITE}/sqlite3.h version
      REGEX "^#define SQLITE_VERSION +\"")
    string(REGEX REPLACE "^.*\"(.*)\".*$" "\\1" version "${version}")
    message(FATAL_ERROR
      "the SQLite in ${DBCORE_SQLITE} is ${version}; dbcore needs 3.37 or newer")
  endif()

  add_library(dbcore_sqlite_code OBJECT ${DBCORE_SQLITE}/sqlite3.c)
  target_compile_definitions(dbcore_sqlite_code
    PRIVATE ${DBCORE_SQLITE_DEFINITIONS})
  target_compile_options(dbcore_sqlite_code PRIVATE -w) # not our code
  add_library(dbcore_sqlite INTERFACE)
  target_include_directories(dbcore_sqlite INTERFACE ${DBCORE_SQLITE})
  target_link_libraries(dbcore_sqlite INTERFACE m)
endfunction()

# Builds and runs probe.c of the driver with the SQLite that will be linked. What is
# well is remembered, as long as nothing changes.
function(dbcore_sqlite_check)
  set(state "${DBCORE_SQLITE};${DBCORE_SQLITE_DEFINITIONS};${SQLITE_VERSION}")
  if(CMAKE_CROSSCOMPILING OR DBCORE_SQLITE_CHECKED STREQUAL state)
    return()
  endif()
  set(sources ${PROJECT_SOURCE_DIR}/core/drivers/sqlite/probe.c)
  set(include ${SQLITE_INCLUDE_DIRS})
  set(link ${SQLITE_LINK_LIBRARIES})
  set(definitions "")
  if(DBCORE_SQLITE)
    list(APPEND sources ${DBCORE_SQLITE}/sqlite3.c)
    set(include ${DBCORE_SQLITE})
    set(link Threads::Threads ${CMAKE_DL_LIBS} m)
    set(definitions ${DBCORE_SQLITE_DEFINITIONS})
    list(TRANSFORM definitions PREPEND -D)
    set(name "the SQLite in ${DBCORE_SQLITE}")
  else()
    set(name "the system's SQLite ${SQLITE_VERSION}")
  endif()

  set(probe ${CMAKE_CURRENT_BINARY_DIR}/sqlite_probe)
  message(STATUS "Asking ${name} for what dbcore needs")
  try_compile(built ${probe} SOURCES ${sources}
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include}"
    COMPILE_DEFINITIONS ${definitions}
    LINK_LIBRARIES ${link}
    OUTPUT_VARIABLE output
    COPY_FILE ${probe}/probe)
  if(NOT built)
    message(FATAL_ERROR "${name} lacks something, or it is not SQLite: a "
      "program of it cannot be built:\n${output}")
  endif()
  execute_process(COMMAND ${probe}/probe
    OUTPUT_VARIABLE output RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${name} lacks what dbcore needs:\n${output}")
  endif()
  set(DBCORE_SQLITE_CHECKED "${state}" CACHE INTERNAL "")
endfunction()

if(DBCORE_SQLITE)
  get_filename_component(DBCORE_SQLITE ${DBCORE_SQLITE} ABSOLUTE)
  dbcore_sqlite_amalgamation()
  set(DBCORE_SQLITE_OBJECTS $<TARGET_OBJECTS:dbcore_sqlite_code>)
  set(DBCORE_SQLITE_MODULES "")
  set(DBCORE_SQLITE_LINKS m)
else()
  pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.37)
  add_library(dbcore_sqlite INTERFACE)
  target_link_libraries(dbcore_sqlite INTERFACE PkgConfig::SQLITE)
  set(DBCORE_SQLITE_OBJECTS "")
  set(DBCORE_SQLITE_MODULES "sqlite3>=3.37")
  set(DBCORE_SQLITE_LINKS "")
endif()
dbcore_sqlite_check()
