# A package for Debian and its kin: `cpack -G DEB` in the build folder. Other
# generators of CPack work with what is said here, too.
set(CPACK_PACKAGE_NAME dbcore)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The dbcore maintainers <maintainers@dbcore.invalid>")
set(CPACK_PACKAGE_VENDOR "dbcore")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "data layer over SQLite for Lua 5.4 and C")
set(CPACK_PACKAGE_DESCRIPTION
"Tables are described once, queries are immutable values checked against that
description, values come back as what they were. This package holds the Lua
module dbcore, the program dbscript, and the C libraries with their headers.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS lua5.4)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "libsqlite3-dev, libmd-dev, libjansson-dev, liblua5.4-dev, pkg-config")
# ldconfig runs when it is installed or removed, and dpkg-shlibdeps knows what
# provides the libraries. CPack would write both by itself, but it warns of the
# Lua module, which is nobody's library.
set(abi ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(control ${PROJECT_BINARY_DIR}/debian)
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
file(WRITE ${control}/shlibs
  "libdbcore ${abi} dbcore (>= ${PROJECT_VERSION})\n"
  "libdbcore_script ${abi} dbcore (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${control}/triggers ${control}/shlibs)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What it depends on is read out of its programs and libraries; our own need
# each other.
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(DPKG_SHLIBDEPS)
if(DPKG_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/core)
endif()

include(CPack)
