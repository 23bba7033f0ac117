# Reads the version from where it stands, core/include/dbcore/version.h,
# and sets DBCORE_VERSION to it.
set(header ${CMAKE_CURRENT_LIST_DIR}/../include/dbcore/version.h)
set(DBCORE_VERSION "")
foreach(part IN ITEMS MAJOR MINOR PATCH)
  file(STRINGS ${header} line REGEX "^#define DBC_VERSION_${part} +[0-9]+$")
  if(NOT line)
    message(FATAL_ERROR "${header} has no line \"#define DBC_VERSION_${part} N\"")
  endif()
  string(REGEX REPLACE "^.* " "" number ${line})
  list(APPEND DBCORE_VERSION ${number})
endforeach()
string(REPLACE ";" "." DBCORE_VERSION "${DBCORE_VERSION}")

# A new version of the header is a new version of the build.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
