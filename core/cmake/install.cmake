# What is installed besides the libraries and dbscript: the Lua module, where a
# Lua 5.4 of the same prefix looks for it, the CMake package and the texts.
include(CMakePackageConfigHelpers)

set(DBCORE_LUA_DIR ${CMAKE_INSTALL_DATADIR}/lua/5.4 CACHE STRING
  "Where Lua finds modules in Lua, below the prefix")
set(DBCORE_LUA_CDIR ${CMAKE_INSTALL_LIBDIR}/lua/5.4 CACHE STRING
  "Where Lua finds modules in C, below the prefix")

install(TARGETS dbcore_native LIBRARY DESTINATION ${DBCORE_LUA_CDIR}/dbcore)
install(DIRECTORY lua/dbcore DESTINATION ${DBCORE_LUA_DIR}
  FILES_MATCHING PATTERN "*.lua")
install(DIRECTORY lua/meta DESTINATION ${CMAKE_INSTALL_DATADIR}/dbcore
  FILES_MATCHING PATTERN "*.lua")

install(FILES LICENSE README.md CHANGELOG.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES lua/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/lua)
install(FILES doc/cookbook.md doc/coming-from.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/doc)

# Those that others are built over come first.
get_property(libraries GLOBAL PROPERTY DBCORE_LIBRARIES)
list(JOIN libraries " " libraries)
configure_package_config_file(core/cmake/dbcore-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/dbcore-config.cmake
  INSTALL_DESTINATION ${DBCORE_PACKAGE_DIR})
# Until 1.0 a minor version may be incompatible.
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/dbcore-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/dbcore-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/dbcore-config-version.cmake
  DESTINATION ${DBCORE_PACKAGE_DIR})

include(core/cmake/debian.cmake)
