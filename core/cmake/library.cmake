# How a library of dbcore is made: one static and one shared library of the
# same objects, both installed with their headers, as a CMake package and with
# a file for pkg-config.
include(GNUInstallDirs)

option(DBCORE_SHARED "Build the shared libraries, too" ON)

# Until 1.0 a minor version may break what was compiled against the one before.
set(DBCORE_ABI ${PROJECT_VERSION_MAJOR})
if(DBCORE_ABI EQUAL 0)
  set(DBCORE_ABI ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endif()

set(DBCORE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/dbcore)
set(DBCORE_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

# dbcore_library(name
#   OBJECTS object...    what it is made of
#   HEADERS header...    its public headers
#   PARTS folder         with the headers that those include, or nothing
#   OVER library...      libraries made by this function that it needs
#   NEEDS target...      what it is built with, found by pkg-config …
#   MODULES module...    … and as what: "sqlite3>=3.37"
#   LINKS target...      what else it links: Threads::Threads, dl
#   DESCRIPTION text)    one line
#
# Makes the targets `name`, which is static, and `name_shared`. Whoever uses
# dbcore knows them as dbcore::name_static and dbcore::name.
function(dbcore_library name)
  cmake_parse_arguments(PARSE_ARGV 1 LIBRARY
    "" "PARTS;DESCRIPTION" "OBJECTS;HEADERS;OVER;NEEDS;MODULES;LINKS")

  # Outside of this build another pkg-config finds the modules anew: see
  # package.cmake.in.
  add_library(${name} STATIC ${LIBRARY_OBJECTS})
  add_library(dbcore::${name}_static ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${name}_static)
  target_link_libraries(${name} PUBLIC ${LIBRARY_OVER} ${LIBRARY_LINKS}
    $<BUILD_INTERFACE:${LIBRARY_NEEDS}>
    $<INSTALL_INTERFACE:PkgConfig::${name}_modules>)
  dbcore_publish(${name} ${name}_static)

  if(DBCORE_SHARED)
    add_library(${name}_shared SHARED ${LIBRARY_OBJECTS})
    add_library(dbcore::${name} ALIAS ${name}_shared)
    set_target_properties(${name}_shared PROPERTIES
      OUTPUT_NAME ${name} EXPORT_NAME ${name}
      VERSION ${PROJECT_VERSION} SOVERSION ${DBCORE_ABI})
    list(TRANSFORM LIBRARY_OVER APPEND _shared OUTPUT_VARIABLE over)
    target_link_libraries(${name}_shared
      PUBLIC ${over} PRIVATE ${LIBRARY_NEEDS} ${LIBRARY_LINKS})
    dbcore_publish(${name}_shared ${name}_shared)
  endif()

  if(DBCORE_INSTALL)
    install(FILES ${LIBRARY_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    if(LIBRARY_PARTS)
      install(DIRECTORY ${LIBRARY_PARTS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
    endif()
    dbcore_pkgconfig(${name})
    dbcore_package(${name})
  endif()
endfunction()

# Tells users of the target where its headers are, and installs it as part
# `part` of the CMake package, by the arguments of dbcore_library().
function(dbcore_publish target part)
  foreach(header IN LISTS LIBRARY_HEADERS)
    get_filename_component(folder ${header} DIRECTORY)
    target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${folder}>)
  endforeach()
  target_include_directories(${target}
    INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(DBCORE_INSTALL)
    install(TARGETS ${target} EXPORT ${part}
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(EXPORT ${part} NAMESPACE dbcore:: FILE ${part}-targets.cmake
      DESTINATION ${DBCORE_PACKAGE_DIR})
  endif()
endfunction()

# Writes and installs name.pc, by the arguments of dbcore_library(). It finds
# its prefix from where it lies, so that the installed tree can be moved.
function(dbcore_pkgconfig name)
  file(RELATIVE_PATH up
    /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" up ${up})
  set(requires ${LIBRARY_OVER})
  list(TRANSFORM requires APPEND " = ${PROJECT_VERSION}")
  set(requires_private ${LIBRARY_MODULES})
  list(TRANSFORM requires_private REPLACE "^([^>]+)>=" "\\1 >= ")
  set(libs -l${name})
  set(libs_private "")
  foreach(link IN LISTS LIBRARY_LINKS)
    if(link STREQUAL "Threads::Threads")
      list(APPEND libs_private -pthread)
    else()
      list(APPEND libs_private -l${link})
    endif()
  endforeach()
  # Without the shared library, what the static one needs is needed always.
  if(NOT DBCORE_SHARED)
    list(APPEND requires ${requires_private})
    list(APPEND libs ${libs_private})
    set(requires_private "")
    set(libs_private "")
  endif()
  list(JOIN requires ", " requires)
  list(JOIN requires_private ", " requires_private)
  list(JOIN libs " " libs)
  list(JOIN libs_private " " libs_private)
  configure_file(${DBCORE_CMAKE_DIR}/library.pc.in ${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# Writes and installs what find_package(dbcore) includes for this library.
function(dbcore_package name)
  list(JOIN LIBRARY_MODULES " " modules)
  list(JOIN LIBRARY_MODULES ", " needs)
  configure_file(${DBCORE_CMAKE_DIR}/package.cmake.in ${name}-package.cmake @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}-package.cmake
    DESTINATION ${DBCORE_PACKAGE_DIR})
  set_property(GLOBAL APPEND PROPERTY DBCORE_LIBRARIES ${name})
endfunction()
